package dev.taffrail.images;

import dev.taffrail.core.event.Row;
import dev.taffrail.core.event.StateView;
import dev.taffrail.core.image.HistoryEntry;
import dev.taffrail.core.image.Image;
import dev.taffrail.core.image.ImageEvent;
import dev.taffrail.core.image.ImageReference;
import dev.taffrail.core.image.ImageRemoval;
import dev.taffrail.core.image.ImageUsage;
import dev.taffrail.core.image.ImageView;
import dev.taffrail.core.image.Images;
import dev.taffrail.core.image.ImportRequest;
import dev.taffrail.core.log.Command;
import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.plugin.CallContext;
import io.vertx.core.Future;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;

/** Reads come from the log's state; what changes something is one command each. */
final class ImageService implements Images {
  private final Store store;
  private final InstantSource clock;

  ImageService(Store store, InstantSource clock) {
    this.store = store;
    this.clock = clock;
  }

  @Override
  public Future<ImageView> importArchive(CallContext call, ImportRequest request) {
    try {
      return new ArchiveImport(store, call, request, clock.instant()).run();
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
  }

  @Override
  public Future<List<ImageView>> list(CallContext call) {
    return store.blocking(() -> store.host().log().read(ImageService::list));
  }

  @Override
  public Future<List<ImageView>> listAsOf(CallContext call, Cursor moment) {
    return store.blocking(() -> store.host().log().readAsOf(moment, ImageService::list));
  }

  private static List<ImageView> list(StateView view) {
    return view.list(ImageEvent.IMAGES).stream()
        .map(Row::value)
        .sorted(
            Comparator.comparing(Image::created)
                .reversed()
                .thenComparing(image -> image.id().toString()))
        .map(image -> ImageNames.view(view, image))
        .toList();
  }

  @Override
  public Future<ImageView> get(CallContext call, String name) {
    return store.blocking(() -> store.host().log().read(view -> find(view, name)));
  }

  @Override
  public Future<ImageView> getAsOf(CallContext call, String name, Cursor moment) {
    return store.blocking(() -> store.host().log().readAsOf(moment, view -> find(view, name)));
  }

  private static ImageView find(StateView view, String name) {
    return ImageNames.view(view, ImageNames.resolve(view, name));
  }

  @Override
  public Future<ImageRemoval> remove(CallContext call, String name, boolean force) {
    CallContext saga = call.detached();
    return store
        .host()
        .submit(
            Command.request(saga.origin(), view -> ImageDecider.remove(view, name, force))
                .relieving())
        .compose(
            committed ->
                committed
                    .reply()
                    .removed()
                    .map(image -> collect(saga.causedBy(committed.cursor().sequence()), image))
                    .orElse(Future.succeededFuture())
                    .map(committed.reply().answer()));
  }

  @Override
  public Future<Void> tag(CallContext call, String name, ImageReference reference) {
    return store
        .host()
        .submit(Command.request(call.origin(), view -> ImageDecider.tag(view, name, reference)))
        .mapEmpty();
  }

  @Override
  public Future<List<HistoryEntry>> history(CallContext call, String name) {
    return get(call, name).compose(view -> new ImageHistory(store, call, view.image()).read());
  }

  @Override
  public Future<ImageUsage> usage(CallContext call) {
    return list(call).compose(all -> new LayerUsage(store, call).of(all));
  }

  private Future<Void> collect(CallContext call, Image image) {
    return store.collect(
        call, Needed.blobsOf(image), List.of(image.chainId()), image.snapshotter());
  }
}
