package dev.taffrail.core.image;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import java.util.List;
import java.util.Optional;

/**
 * A root file system to make an image of.
 *
 * @param archive a paused stream of a tar archive, perhaps compressed
 * @param changes Dockerfile instructions: CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, ONBUILD, STOPSIGNAL,
 *     USER, VOLUME, WORKDIR
 * @param platform {@code linux/amd64}; the daemon's own when absent
 */
public record ImportRequest(
    ReadStream<Buffer> archive,
    Optional<ImageReference> reference,
    List<String> changes,
    Optional<String> message,
    Optional<String> platform) {
  public ImportRequest {
    changes = List.copyOf(changes);
  }
}
