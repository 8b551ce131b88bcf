package dev.taffrail.core.linux;

import java.nio.file.Path;

/** One line of {@code /proc/self/mountinfo}; see proc(5). */
public record MountPoint(Path target, String type, String source, String options) {}
