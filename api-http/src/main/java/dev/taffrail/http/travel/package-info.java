/**
 * Time travel in JSON, as {@code /taffrail/v1} answers it and as the {@code taffrail} command shows
 * it: the same for a live log and for a stopped directory.
 */
package dev.taffrail.http.travel;
