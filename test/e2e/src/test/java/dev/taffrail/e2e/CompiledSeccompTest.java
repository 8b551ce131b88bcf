package dev.taffrail.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.testkit.daemon.BusyboxImage;
import dev.taffrail.testkit.daemon.Commands;
import dev.taffrail.testkit.daemon.DaemonProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The filter that crun is handed is the one that it would compile from the same profile. */
class CompiledSeccompTest {
  private static final String ANNOTATION = "run.oci.seccomp_bpf_data";
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void theFilterIsWhatCrunCompilesFromTheProfile() throws IOException {
    try (DaemonProcess daemon = DaemonProcess.start()) {
      daemon.docker(BusyboxImage.tar(), "import", "-", "busybox").succeeded();
      for (List<String> options :
          List.of(List.<String>of(), List.of("--cap-drop", "ALL", "--cap-add", "SYS_ADMIN"))) {
        Stream<String> command =
            Stream.of(
                    List.of("run", "-d", "--network", "none"),
                    options,
                    List.of("busybox", "sleep", "1000"))
                .flatMap(List::stream);
        String id = daemon.docker(command.toArray(String[]::new)).succeeded().out().strip();
        Path filter = found(daemon.directory(), id, "seccomp.bpf");
        Path configuration = filter.resolveSibling("config.json");
        assertThat(Files.readAllBytes(filter))
            .isEqualTo(compiledByCrun(daemon.directory(), configuration));
      }
    }
  }

  private static byte[] compiledByCrun(Path directory, Path given) throws IOException {
    ObjectNode configuration = (ObjectNode) JSON.readTree(given.toFile());
    ObjectNode annotations = (ObjectNode) configuration.path("annotations");
    assertThat(annotations.remove(ANNOTATION)).as("the annotation " + ANNOTATION).isNotNull();
    ObjectNode linux = (ObjectNode) configuration.path("linux");
    linux.put("cgroupsPath", linux.path("cgroupsPath").asText() + "-compare");
    Path bundle = Files.createTempDirectory(directory, "compare");
    JSON.writeValue(bundle.resolve("config.json").toFile(), configuration);
    String root = "--root=" + bundle.resolve("state");
    String name = bundle.getFileName().toString();
    try {
      // What it prints goes to a file: the created process keeps a pipe open.
      crun("sh", "-c", "crun " + root + " create -b " + bundle + " " + name + " >/dev/null 2>&1");
      return Files.readAllBytes(bundle.resolve("state").resolve(name).resolve("seccomp.bpf"));
    } finally {
      crun("crun", root, "delete", "-f", name);
    }
  }

  private static void crun(String... command) {
    Commands.run(Map.of("PATH", System.getenv("PATH")), new byte[0], List.of(command)).succeeded();
  }

  private static Path found(Path below, String id, String name) throws IOException {
    try (Stream<Path> files = Files.walk(below)) {
      return files
          .filter(file -> file.endsWith(name))
          .filter(file -> file.getParent().getFileName().toString().equals(id))
          .findFirst()
          .orElseThrow();
    }
  }
}
