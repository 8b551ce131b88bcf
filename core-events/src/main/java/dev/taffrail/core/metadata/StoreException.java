package dev.taffrail.core.metadata;

/** Reading or writing the store failed. */
public final class StoreException extends RuntimeException {
  private final boolean damaged;

  StoreException(String message, boolean damaged, Throwable cause) {
    super(message, cause);
    this.damaged = damaged;
  }

  /** True when stored bytes are damaged, rather than out of reach. */
  public boolean damaged() {
    return damaged;
  }
}
