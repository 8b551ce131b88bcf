package dev.taffrail.core.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes into a batch is what the store holds afterwards. */
class SerializedBatchTest {
  @TempDir Path directory;

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void everyFamilyGetsItsRows() {
    try (RocksStore store = RocksStore.open(directory);
        Batch batch = store.newBatch()) {
      for (ColumnFamily family : ColumnFamily.values()) {
        batch.put(family, bytes("key of " + family), bytes("value of " + family));
      }
      store.write(batch, true);
      for (ColumnFamily family : ColumnFamily.values()) {
        assertThat(store.get(family, bytes("key of " + family)))
            .contains(bytes("value of " + family));
        try (Scan scan = store.scan(family, Bytes.EMPTY, null)) {
          assertThat(scan.next()).isTrue();
          assertThat(scan.next()).isFalse();
        }
      }
    }
  }

  @Test
  void theLastChangeOfAKeyCounts() {
    for (ColumnFamily family : List.of(ColumnFamily.INDEX, ColumnFamily.STATE)) {
      try (RocksStore store = RocksStore.open(directory.resolve(family.storedName()));
          Batch batch = store.newBatch()) {
        batch.put(family, bytes("a"), bytes("1"));
        batch.put(family, bytes("b"), bytes("1"));
        batch.delete(family, bytes("a"));
        batch.put(family, bytes("b"), bytes("2"));
        batch.delete(family, bytes("c"));
        batch.put(family, bytes("c"), bytes("3"));
        store.write(batch, true);
        assertThat(store.get(family, bytes("a"))).isEmpty();
        assertThat(store.get(family, bytes("b"))).contains(bytes("2"));
        assertThat(store.get(family, bytes("c"))).contains(bytes("3"));
      }
    }
  }

  @Test
  void lengthsOfAnySizeAreKept() {
    List<byte[]> values = new ArrayList<>();
    for (int length : new int[] {0, 1, 127, 128, 16_383, 16_384, 2_097_152}) {
      values.add(bytes("x".repeat(length)));
    }
    try (RocksStore store = RocksStore.open(directory)) {
      try (Batch batch = store.newBatch()) {
        for (byte[] value : values) {
          batch.put(ColumnFamily.EVENTS, Bytes.u64(value.length), value);
        }
        store.write(batch, true);
      }
      for (byte[] value : values) {
        assertThat(store.get(ColumnFamily.EVENTS, Bytes.u64(value.length))).contains(value);
      }
    }
  }

  @Test
  void anEmptyBatchAndAnEmptyKeyAreAllowed() {
    try (RocksStore store = RocksStore.open(directory)) {
      try (Batch batch = store.newBatch()) {
        store.write(batch, true);
      }
      try (Batch batch = store.newBatch()) {
        batch.put(ColumnFamily.INDEX, Bytes.EMPTY, bytes("1"));
        batch.put(ColumnFamily.INDEX, new byte[] {(byte) 0xff}, Bytes.EMPTY);
        store.write(batch, false);
      }
      assertThat(store.get(ColumnFamily.INDEX, Bytes.EMPTY)).contains(bytes("1"));
      assertThat(store.get(ColumnFamily.INDEX, new byte[] {(byte) 0xff})).contains(Bytes.EMPTY);
    }
  }
}
