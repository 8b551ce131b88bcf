package dev.taffrail.core.log;

import java.util.List;
import java.util.Optional;

/**
 * What a verification found.
 *
 * @param head the last event of the log
 * @param from the first event that was looked at
 * @param events how many were checked
 * @param firstBad the first sequence at which something does not verify
 * @param problems one line for each, the first ones only
 * @param notes what limits the statement without making it false: holes, beacons of other appliers
 */
public record VerifyReport(
    boolean ok,
    String logId,
    Cursor head,
    long from,
    long events,
    Optional<Long> firstBad,
    List<String> problems,
    List<String> notes) {
  public VerifyReport {
    problems = List.copyOf(problems);
    notes = List.copyOf(notes);
  }
}
