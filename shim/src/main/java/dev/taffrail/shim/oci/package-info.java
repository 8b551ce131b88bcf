/**
 * The OCI configuration of a task with Docker's defaults: mounts, devices, capabilities, seccomp,
 * users and the generated files below {@code /etc}.
 */
package dev.taffrail.shim.oci;
