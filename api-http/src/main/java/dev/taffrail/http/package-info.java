/** The plugin that serves HTTP: its listeners, the Docker Engine API and Taffrail's own API. */
package dev.taffrail.http;
