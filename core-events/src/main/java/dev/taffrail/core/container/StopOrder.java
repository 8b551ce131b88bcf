package dev.taffrail.core.container;

import java.util.Objects;

/**
 * How a container is being stopped.
 *
 * @param timeoutSeconds until SIGKILL; negative for never
 * @param thenStart it is started again afterwards
 */
public record StopOrder(String signal, int timeoutSeconds, boolean thenStart) {
  public StopOrder {
    Objects.requireNonNull(signal, "signal");
  }
}
