/** Networks on bridges of this host. */
package dev.taffrail.network;
