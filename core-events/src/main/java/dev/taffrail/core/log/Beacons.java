package dev.taffrail.core.log;

import dev.taffrail.core.metadata.Batch;
import dev.taffrail.core.metadata.Bytes;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.StoreReader;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/** State hashes at every {@value #INTERVAL}th event, each with the fingerprint of its appliers. */
final class Beacons {
  static final int INTERVAL = 1024;

  private Beacons() {}

  static boolean isDue(long sequence) {
    return sequence % INTERVAL == 0;
  }

  static void write(Batch batch, long sequence, byte[] stateHash, String fingerprint) {
    batch.put(ColumnFamily.BEACONS, Bytes.u64(sequence), value(stateHash, fingerprint));
  }

  /** The sequence of the last beacon that these appliers have made. */
  static Optional<Long> last(StoreReader store, String fingerprint) {
    byte[] wanted = HexFormat.of().parseHex(fingerprint);
    Optional<StoreReader.Entry> beacon = store.floor(ColumnFamily.BEACONS, Bytes.u64(-1));
    while (beacon.isPresent()) {
      byte[] value = beacon.get().value();
      long sequence = Bytes.u64(beacon.get().key(), 0);
      if (Arrays.equals(value, Hashes.LENGTH, value.length, wanted, 0, wanted.length)) {
        return Optional.of(sequence);
      }
      beacon = store.floor(ColumnFamily.BEACONS, Bytes.u64(sequence - 1));
    }
    return Optional.empty();
  }

  /** State hash, then fingerprint. */
  static byte[] value(byte[] stateHash, String fingerprint) {
    return Bytes.concat(stateHash, HexFormat.of().parseHex(fingerprint));
  }
}
