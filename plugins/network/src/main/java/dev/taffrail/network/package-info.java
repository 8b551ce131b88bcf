/** Networks, their addresses, ports and names; drivers make them in the kernel. */
package dev.taffrail.network;
