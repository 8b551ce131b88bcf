/**
 * Data directories that earlier formats left, and what every later build must make of them: {@code
 * docs/contributing.md}, "Add a corpus".
 */
package dev.taffrail.e2e.corpus;
