/**
 * Kernel ports that remember what was asked of them, for tests that need neither root nor Linux.
 */
package dev.taffrail.testkit.linux;
