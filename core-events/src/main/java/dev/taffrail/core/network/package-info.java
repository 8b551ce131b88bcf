/** Networks: what they are, who is on them, under which addresses and published ports. */
package dev.taffrail.core.network;
