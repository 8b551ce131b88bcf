/**
 * The event log: one writer that decides, applies and commits commands in groups; readers that
 * catch up and follow; state as of any moment; replay and verification. What is stored is fixed in
 * {@code docs/log-format.md}.
 */
package dev.taffrail.core.log;
