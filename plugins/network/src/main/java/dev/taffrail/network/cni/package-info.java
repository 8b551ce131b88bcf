/**
 * {@code network-driver.cni}: networks that the plugins of a CNI configuration list make. See the
 * specification, https://www.cni.dev/docs/spec/, and the conventions for capabilities beside it.
 */
package dev.taffrail.network.cni;
