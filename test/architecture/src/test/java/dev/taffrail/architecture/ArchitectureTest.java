package dev.taffrail.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.taffrail.core.event.Applier;
import dev.taffrail.core.plugin.Plugin;
import java.time.Instant;

/** The boundaries of the design. */
@AnalyzeClasses(
    packages = "dev.taffrail",
    importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.NoTestkit.class})
class ArchitectureTest {
  /** Helpers of tests are not part of the daemon. */
  static final class NoTestkit implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("/testkit");
    }
  }

  private static final String[] PLUGINS = {
    "dev.taffrail.content..",
    "dev.taffrail.snapshotter..",
    "dev.taffrail.shim..",
    "dev.taffrail.http..",
    "dev.taffrail.linux..",
    "dev.taffrail.images..",
    "dev.taffrail.containers.."
  };

  @ArchTest
  static final ArchRule onlyOnePackageKnowsRocksDb =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.taffrail.core.metadata..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.rocksdb..");

  @ArchTest
  static final ArchRule onlyLinuxMakesSystemCalls =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.taffrail.linux..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("jnr..");

  @ArchTest
  static final ArchRule theKernelNamesNoPlugin =
      noClasses()
          .that()
          .resideInAPackage("dev.taffrail.core..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(PLUGINS);

  @ArchTest
  static final ArchRule noPluginDependsOnAnother =
      slices()
          .matching("dev.taffrail.(*)..")
          .namingSlices("$1")
          .should()
          .notDependOnEachOther()
          .ignoreDependency(
              resideInAPackage("dev.taffrail.."), resideInAPackage("dev.taffrail.core.."));

  @ArchTest
  static final ArchRule pluginPackagesFormNoCycle =
      slices().matching("dev.taffrail.(http|shim|snapshotter).(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule aPluginsClassIsNamedSo =
      classes().that().implement(Plugin.class).should().haveSimpleNameEndingWith("Plugin");

  @ArchTest
  static final ArchRule nobodySleeps =
      noClasses().should().callMethod(Thread.class, "sleep", long.class);

  @ArchTest
  static final ArchRule eventsAndAppliersKnowNoClock =
      noClasses()
          .that()
          .resideInAnyPackage(
              "dev.taffrail.core.event..",
              "dev.taffrail.core.container..",
              "dev.taffrail.core.content..",
              "dev.taffrail.core.image..",
              "dev.taffrail.core.snapshot..")
          .or()
          .implement(Applier.class)
          .should()
          .callMethod(Instant.class, "now")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.util.Random");

  @ArchTest
  static final ArchRule onlyTheBeginningNamesStandardOutput =
      noClasses()
          .that()
          .resideOutsideOfPackages("dev.taffrail.http.cli..", "dev.taffrail.core.host..")
          .should()
          .accessField(System.class, "out")
          .orShould()
          .accessField(System.class, "err");
}
