package dev.taffrail.core.log;

import dev.taffrail.core.metadata.Batch;
import dev.taffrail.core.metadata.Bytes;
import dev.taffrail.core.metadata.ColumnFamily;
import java.util.HexFormat;

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

  /** State hash, then fingerprint. */
  static byte[] value(byte[] stateHash, String fingerprint) {
    return Bytes.concat(stateHash, HexFormat.of().parseHex(fingerprint));
  }
}
