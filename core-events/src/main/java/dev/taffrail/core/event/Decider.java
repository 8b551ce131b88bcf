package dev.taffrail.core.event;

/**
 * Decides one command against current state, on the log's writer thread. It must be pure and quick:
 * what it needs of the world comes in with the command. To reject, it throws a {@link
 * dev.taffrail.core.error.RuntimeFailure}; a rejection is not logged.
 */
@FunctionalInterface
public interface Decider<R> {
  Decision<R> decide(StateView view);
}
