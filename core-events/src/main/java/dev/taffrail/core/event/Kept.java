package dev.taffrail.core.event;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * On a text of an event that the daemon acts on, such as the name of a plugin: no redaction
 * replaces it, since what the event tells of could not be stopped or removed any more.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Kept {}
