package dev.taffrail.shim.oci;

import java.util.List;

/**
 * Who the first process is.
 *
 * @param additionalGroups its own group first
 */
record ContainerUser(long uid, long gid, List<Long> additionalGroups, String home) {
  ContainerUser {
    additionalGroups = List.copyOf(additionalGroups);
  }
}
