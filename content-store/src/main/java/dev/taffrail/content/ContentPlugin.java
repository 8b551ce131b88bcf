package dev.taffrail.content;

import dev.taffrail.core.content.ContentStore;
import dev.taffrail.core.plugin.Plugin;
import dev.taffrail.core.plugin.PluginContext;
import dev.taffrail.core.plugin.PluginId;
import dev.taffrail.core.plugin.PluginType;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;

/** {@code content.local}: content in a directory. */
public final class ContentPlugin implements Plugin {
  private static final PluginId ID = new PluginId("content.local");

  @Override
  public PluginId id() {
    return ID;
  }

  @Override
  public PluginType<?> type() {
    return ContentStore.CONTENT;
  }

  @Override
  public Deployable create(PluginContext host) {
    return new ContentVerticle(host);
  }

  /** Takes away what a crash has left, then offers the store. */
  private static final class ContentVerticle extends VerticleBase {
    private final PluginContext host;

    ContentVerticle(PluginContext host) {
      this.host = host;
    }

    @Override
    public Future<?> start() {
      LocalContentStore store =
          new LocalContentStore(host, context, new BlobDirectory(host.dataDirectory()));
      return store.recover().onSuccess(recovered -> host.provide(ContentStore.CONTENT, store));
    }
  }
}
