package dev.taffrail.core.host;

import dev.taffrail.core.error.RuntimeFailure;

/**
 * What came of a call.
 *
 * @param value may be null; not to be looked at when there is a failure
 * @param failure null when the call succeeded
 */
record Answer(Object value, RuntimeFailure failure) {}
