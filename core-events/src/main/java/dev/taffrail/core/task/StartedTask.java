package dev.taffrail.core.task;

import dev.taffrail.core.event.Kept;
import java.util.Optional;

/**
 * The processes of a task. Start ticks (field 22 of {@code /proc/<pid>/stat}) tell them from later
 * owners of the same pids.
 */
public record StartedTask(
    int pid,
    long pidStartTicks,
    int monitorPid,
    long monitorStartTicks,
    @Kept Optional<String> cgroup) {}
