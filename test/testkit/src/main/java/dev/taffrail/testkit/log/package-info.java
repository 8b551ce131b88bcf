/** The contract of an event log, and a small family of events to try one with. */
package dev.taffrail.testkit.log;
