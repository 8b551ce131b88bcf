package dev.taffrail.http.cli;

import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.event.StateView;
import dev.taffrail.core.log.LoggedEvent;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What an expression sees: a moment of a log.
 *
 * @param event the last event of the moment; empty before the first
 * @param state after it
 * @param before the state before it, for those who look
 */
record Scope(
    EventCatalogue catalogue,
    Optional<LoggedEvent> event,
    StateView state,
    Supplier<StateView> before) {}
