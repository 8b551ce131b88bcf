/**
 * What every API served by the daemon shares: listeners, who asks, how a failure becomes a status,
 * and how a connection is taken over. HTTP/1.1 only.
 */
package dev.taffrail.http.server;
