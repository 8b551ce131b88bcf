package dev.taffrail.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.taffrail.core.event.Applier;
import dev.taffrail.core.event.Event;
import dev.taffrail.core.event.Origin;
import dev.taffrail.core.plugin.Plugin;
import java.io.File;
import java.net.InetAddress;
import java.nio.file.Files;
import java.util.Date;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;

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

  @ArchTest
  static final ArchRule onlyOnePackageKnowsRocksDb =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.taffrail.core.metadata..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.rocksdb..");

  @ArchTest
  static final ArchRule onlyOneClassKnowsTheExpressionLanguage =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName("dev.taffrail.http.cli.Expression")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.cel..", "com.google..");

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
          .dependOnClassesThat(
              resideInAPackage("dev.taffrail..")
                  .and(resideOutsideOfPackage("dev.taffrail.core..")));

  @ArchTest
  static final ArchRule kernelPackagesFormNoCycle =
      slices().matching("dev.taffrail.core.(*)..").should().beFreeOfCycles();

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
      slices()
          .matching("dev.taffrail.(http|shim|snapshotter|network).(*)..")
          .should()
          .beFreeOfCycles();

  @ArchTest
  static final ArchRule aPluginsClassIsNamedSo =
      classes().that().implement(Plugin.class).should().haveSimpleNameEndingWith("Plugin");

  @ArchTest
  static final ArchRule nobodySleeps =
      noClasses().should().callMethod(Thread.class, "sleep", long.class);

  /** Where appliers are: the event families, and the packages that hold families and rows. */
  private static final DescribedPredicate<JavaClass> APPLYING =
      assignableTo(Event.class)
          .or(assignableTo(Applier.class))
          .or(
              resideInAnyPackage(
                  "dev.taffrail.core.event..",
                  "dev.taffrail.core.container..",
                  "dev.taffrail.core.content..",
                  "dev.taffrail.core.image..",
                  "dev.taffrail.core.snapshot.."))
          // What a request brings with it is no applier's.
          .and(not(equivalentTo(Origin.class)))
          .as("events and appliers");

  /** Calls whose answer is not the same at the next replay. */
  private static final DescribedPredicate<JavaCall<?>> UNREPEATABLE =
      describe(
          "calls a clock, randomness, the environment or the default locale",
          call -> {
            String owner = call.getTargetOwner().getFullName();
            String name = call.getName();
            int parameters = call.getTarget().getRawParameterTypes().size();
            boolean text = owner.equals("java.lang.String");
            boolean caseOrBytes = Set.of("toLowerCase", "toUpperCase", "getBytes").contains(name);
            boolean clock =
                (owner.startsWith("java.time.") && name.matches("now|system.*"))
                    || (owner.equals("java.lang.System")
                        && name.matches("currentTimeMillis|nanoTime|getenv|getProperty.*"))
                    || (owner.equals("java.util.UUID") && name.equals("randomUUID"))
                    || (owner.equals("java.lang.Math") && name.equals("random"))
                    || name.equals("getDefault")
                    || name.equals("defaultCharset");
            boolean locale =
                text
                    && ((caseOrBytes && parameters == 0)
                        || name.equals("formatted")
                        || (name.equals("format")
                            && !call.getTarget()
                                .getRawParameterTypes()
                                .get(0)
                                .isEquivalentTo(Locale.class)));
            return clock || locale;
          });

  @ArchTest
  static final ArchRule eventsAndAppliersKnowNoClock =
      noClasses().that(APPLYING).should().callMethodWhere(UNREPEATABLE);

  @ArchTest
  static final ArchRule eventsAndAppliersTouchNothing =
      noClasses()
          .that(APPLYING)
          .should()
          .dependOnClassesThat(
              assignableTo(Random.class)
                  .or(assignableTo(SplittableRandom.class))
                  .or(assignableTo(Date.class))
                  .or(equivalentTo(Files.class))
                  .or(equivalentTo(File.class))
                  .or(assignableTo(Thread.class))
                  // An address as such is a value.
                  .or(resideInAPackage("java.net..").and(not(assignableTo(InetAddress.class)))));

  // Their iteration order may differ from run to run.
  @ArchTest
  static final ArchRule appliersUseOrderedCollections =
      noClasses()
          .that(assignableTo(Event.class).or(assignableTo(Applier.class)))
          .should()
          .callConstructorWhere(
              describe(
                  "makes a collection without order",
                  call ->
                      Set.of(
                              "java.util.HashMap",
                              "java.util.HashSet",
                              "java.util.IdentityHashMap",
                              "java.util.concurrent.ConcurrentHashMap")
                          .contains(call.getTargetOwner().getFullName())));

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
