package dev.taffrail.core.task;

/** Which namespaces are shared with the host; see namespaces(7). */
public record NamespaceModes(
    boolean hostNetwork, boolean hostPid, boolean hostIpc, boolean hostUts, boolean hostCgroup) {
  public static final NamespaceModes PRIVATE =
      new NamespaceModes(false, false, false, false, false);
}
