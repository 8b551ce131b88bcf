/** Addresses of the Internet Protocol as text and as ranges. */
package dev.taffrail.core.ip;
