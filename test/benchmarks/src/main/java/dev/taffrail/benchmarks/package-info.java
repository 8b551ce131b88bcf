/** JMH benchmarks of the event log against the budget of the design; see docs/performance.md. */
package dev.taffrail.benchmarks;
