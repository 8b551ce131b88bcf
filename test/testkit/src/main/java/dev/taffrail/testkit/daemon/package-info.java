/** A real daemon and real clients, for end-to-end tests. */
package dev.taffrail.testkit.daemon;
