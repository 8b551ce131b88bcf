package dev.taffrail.core.log;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Table;
import dev.taffrail.core.metadata.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Names a row of the state. It remembers its hash and its bytes, which are asked for often. */
public final class RowKey implements Comparable<RowKey> {
  private static final int PARTS = 3;

  private final String table;
  private final String namespace;
  private final String id;
  private final int hash;
  private byte[] bytes;

  /**
   * Names a row. INVALID_ARGUMENT for what contains NUL, which ends the parts of a key.
   *
   * @param id may contain slashes
   */
  public RowKey(String table, String namespace, String id) {
    check(namespace);
    check(id);
    this.table = table;
    this.namespace = namespace;
    this.id = id;
    this.hash = 31 * (31 * table.hashCode() + namespace.hashCode()) + id.hashCode();
  }

  private static void check(String part) {
    if (part.indexOf('\0') >= 0) {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "A name must not contain NUL");
    }
  }

  static RowKey of(Table<?> table, String namespace, String id) {
    return new RowKey(table.name(), namespace, id);
  }

  public String table() {
    return table;
  }

  public String namespace() {
    return namespace;
  }

  public String id() {
    return id;
  }

  /** As stored: each part ends with NUL. Callers must not change it. */
  byte[] bytes() {
    byte[] known = bytes;
    if (known == null) {
      known = (table + '\0' + namespace + '\0' + id + '\0').getBytes(StandardCharsets.UTF_8);
      bytes = known;
    }
    return known;
  }

  /** The history row of this key after the event {@code sequence}. */
  byte[] history(long sequence) {
    return Bytes.concat(bytes(), Bytes.u64(sequence));
  }

  /** What all keys of a table, or of one namespace of it, start with. */
  static byte[] prefix(String table, String namespace, String idPrefix) {
    check(idPrefix);
    if (namespace != null) {
      check(namespace);
    }
    String prefix = namespace == null ? table + '\0' : table + '\0' + namespace + '\0' + idPrefix;
    return prefix.getBytes(StandardCharsets.UTF_8);
  }

  /** The inverse of {@link #bytes}; what follows the third NUL is not looked at. */
  static RowKey parse(byte[] key) {
    String[] parts = new String[PARTS];
    int start = 0;
    for (int part = 0; part < PARTS; part++) {
      int end = start;
      while (key[end] != 0) {
        end++;
      }
      parts[part] = new String(key, start, end - start, StandardCharsets.UTF_8);
      start = end + 1;
    }
    return new RowKey(parts[0], parts[1], parts[2]);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RowKey key
        && hash == key.hash
        && id.equals(key.id)
        && namespace.equals(key.namespace)
        && table.equals(key.table);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    return table + "/" + namespace + "/" + id;
  }

  /** In the order of the stored bytes, which is not that of Java strings. */
  @Override
  public int compareTo(RowKey other) {
    return Arrays.compareUnsigned(bytes(), other.bytes());
  }
}
