package dev.taffrail.containers;

import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.task.Tasks;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows which runs may have left something of a task behind, so that none is deleted twice, and
 * none in place of a later one. Confined to the plugin's context.
 */
final class TaskRemains {
  private static final Logger LOG = LoggerFactory.getLogger(TaskRemains.class);
  private final Tasks tasks;
  private final Map<String, Integer> runs = new HashMap<>();

  TaskRemains(Tasks tasks) {
    this.tasks = tasks;
  }

  /** From now on there may be a task of this run. */
  void expect(String id, int run) {
    runs.put(id, run);
  }

  /** There is none of this run, as the shim says. */
  void settle(String id, int run) {
    runs.remove(id, run);
  }

  /** Deletes what this run left, unless a later one has begun, which has done so first. */
  Future<Void> delete(CallContext call, String id, int run) {
    return runs.getOrDefault(id, 0) == run ? delete(call, id) : Future.succeededFuture();
  }

  /** Ends and deletes what there is; when that fails it is tried again before the next use. */
  Future<Void> delete(CallContext call, String id) {
    if (!runs.containsKey(id)) {
      return Future.succeededFuture();
    }
    return tasks
        .delete(call, id)
        .onSuccess(deleted -> runs.remove(id))
        .onFailure(
            cause -> LOG.warn("Remains of the task of container {} stay for now", id, cause));
  }
}
