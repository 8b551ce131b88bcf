/**
 * Containers: a specification that never changes, a status that does, and a name that is reserved.
 * The life of a container is written down as data in {@link dev.taffrail.core.container.Lifecycle}.
 */
package dev.taffrail.core.container;
