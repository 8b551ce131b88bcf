package dev.taffrail.core.log;

import dev.taffrail.core.metadata.Bytes;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.Scan;
import dev.taffrail.core.metadata.StoreException;
import dev.taffrail.core.metadata.StoreReader;
import java.util.Arrays;
import java.util.Optional;

/**
 * Compares the rows of a family that are derived from events with those that should be there: their
 * number and the sum of their hashes, so that two passes in different orders suffice, or each by
 * itself as well.
 */
final class Derived {
  private final StoreReader store;
  private final ColumnFamily family;
  private final boolean oneByOne;
  private final StateHash expected = new StateHash();
  private long count;

  /**
   * Expects nothing yet.
   *
   * @param oneByOne look each row up as soon as it is expected
   */
  Derived(StoreReader store, ColumnFamily family, boolean oneByOne) {
    this.store = store;
    this.family = family;
    this.oneByOne = oneByOne;
  }

  /** Expects a row; false when it is known already that it is not there. */
  boolean has(byte[] key, byte[] value) {
    count++;
    expected.add(key, value);
    return !oneByOne
        || store.get(family, key).map(stored -> Arrays.equals(stored, value)).orElse(false);
  }

  /** What is wrong with the family once every row is expected. */
  Optional<String> compare() {
    StateHash found = new StateHash();
    long rows = 0;
    try (Scan scan = store.scan(family, Bytes.EMPTY, null)) {
      while (scan.next()) {
        rows++;
        found.add(scan.key(), scan.value());
      }
    } catch (StoreException e) {
      return Optional.of(
          "the family " + family.storedName() + " cannot be read: " + e.getMessage());
    }
    if (rows != count) {
      return Optional.of(
          "the family " + family.storedName() + " has " + rows + " rows, the replay " + count);
    }
    return Arrays.equals(found.bytes(), expected.bytes())
        ? Optional.empty()
        : Optional.of("the family " + family.storedName() + " differs from the replay");
  }
}
