package dev.taffrail.core.metadata;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A batch in the form in which RocksDB keeps one itself, so that it crosses JNI as a whole and not
 * row by row: sequence (u64) and count (u32), both little-endian; then for each change a tag, the
 * id of the family, the key and, for a put, the value. Ids and the lengths before keys and values
 * are varint32. See {@code db/write_batch.cc} and {@code db/dbformat.h} of RocksDB.
 *
 * <p>A memtable takes keys that come in order much faster than others. So the rows of each family
 * are kept together, and in {@code index} those with the same first byte, most of which ascend.
 */
final class SerializedBatch implements Batch {
  private static final int HEADER = Long.BYTES + Integer.BYTES;
  private static final byte COLUMN_FAMILY_DELETION = 0x4;
  private static final byte COLUMN_FAMILY_VALUE = 0x5;
  private static final byte COLUMN_FAMILY_RANGE_DELETION = 0xE;

  private final Map<ColumnFamily, Integer> ids;
  private final Map<ColumnFamily, Section> families = new EnumMap<>(ColumnFamily.class);
  private final Map<Byte, Section> indexes = new TreeMap<>();
  private int count;

  SerializedBatch(Map<ColumnFamily, Integer> ids) {
    this.ids = ids;
  }

  @Override
  public void put(ColumnFamily family, byte[] key, byte[] value) {
    change(COLUMN_FAMILY_VALUE, family, key).bytes(value);
  }

  @Override
  public void delete(ColumnFamily family, byte[] key) {
    change(COLUMN_FAMILY_DELETION, family, key);
  }

  @Override
  public void deleteRange(ColumnFamily family, byte[] from, byte[] to) {
    change(COLUMN_FAMILY_RANGE_DELETION, family, from).bytes(to);
  }

  private Section change(byte tag, ColumnFamily family, byte[] key) {
    count++;
    return section(family, key).tag(tag).varint(ids.get(family)).bytes(key);
  }

  /** Changes of one key are always in the same section, and so stay in their order. */
  private Section section(ColumnFamily family, byte[] key) {
    return family == ColumnFamily.INDEX && key.length > 0
        ? indexes.computeIfAbsent(key[0], first -> new Section())
        : families.computeIfAbsent(family, first -> new Section());
  }

  byte[] toBytes() {
    List<Section> sections = new ArrayList<>(families.values());
    sections.addAll(indexes.values());
    int size = HEADER;
    for (Section section : sections) {
      size = Math.addExact(size, section.size);
    }
    ByteBuffer all = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    all.putLong(0).putInt(count);
    sections.forEach(section -> all.put(section.bytes, 0, section.size));
    return all.array();
  }

  @Override
  public void close() {}

  private static final class Section {
    private static final int VARINT = 5;

    private byte[] bytes = new byte[1024];
    private int size;

    Section tag(byte tag) {
      reserve(1);
      bytes[size++] = tag;
      return this;
    }

    Section varint(int value) {
      reserve(VARINT);
      int rest = value;
      while ((rest & ~0x7f) != 0) {
        bytes[size++] = (byte) (rest | 0x80);
        rest >>>= 7;
      }
      bytes[size++] = (byte) rest;
      return this;
    }

    Section bytes(byte[] part) {
      varint(part.length);
      reserve(part.length);
      System.arraycopy(part, 0, bytes, size, part.length);
      size += part.length;
      return this;
    }

    private void reserve(int more) {
      if (bytes.length - size < more) {
        bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, Math.addExact(size, more)));
      }
    }
  }
}
