package dev.taffrail.core.event;

import dev.taffrail.core.content.Digest;
import dev.taffrail.core.ip.IpPrefix;
import dev.taffrail.core.ip.IpText;
import dev.taffrail.core.snapshot.SnapshotKey;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Makes a record of any type, either with every member or with only what must be there. */
final class SampleRecords {
  private final boolean full;

  private SampleRecords(boolean full) {
    this.full = full;
  }

  static <T> T full(Class<T> type) {
    return type.cast(new SampleRecords(true).of(type, "sample"));
  }

  /** Absent optionals, empty lists and maps. */
  static <T> T least(Class<T> type) {
    return type.cast(new SampleRecords(false).of(type, "sample"));
  }

  private Object of(Type type, String name) {
    if (type instanceof ParameterizedType generic) {
      return generic(generic, name);
    }
    Class<?> raw = (Class<?>) type;
    if (raw == String.class) {
      return "a " + name;
    }
    if (raw == long.class || raw == Long.class) {
      return 9_007_199_254_740_993L;
    }
    if (raw == int.class || raw == Integer.class) {
      return 7;
    }
    if (raw == boolean.class || raw == Boolean.class) {
      return full;
    }
    if (raw == double.class || raw == Double.class) {
      return 0.5;
    }
    if (raw == OptionalInt.class) {
      return full ? OptionalInt.of(7) : OptionalInt.empty();
    }
    if (raw == OptionalLong.class) {
      return full ? OptionalLong.of(9_007_199_254_740_993L) : OptionalLong.empty();
    }
    return value(raw, name);
  }

  private Object value(Class<?> raw, String name) {
    if (raw == Instant.class) {
      return Instant.parse("2026-01-02T03:04:05.000000006Z");
    }
    if (raw == Path.class) {
      return Path.of("/a/" + name);
    }
    if (raw == Digest.class) {
      return Digest.sha256(name.getBytes(StandardCharsets.UTF_8));
    }
    if (raw == InetAddress.class) {
      return IpText.parse("2001:db8::7");
    }
    if (raw == IpPrefix.class) {
      return IpPrefix.parse("192.0.2.7/24");
    }
    if (raw == SnapshotKey.class) {
      return new SnapshotKey("a-" + name);
    }
    if (raw.isEnum()) {
      return raw.getEnumConstants()[0];
    }
    if (raw.isRecord()) {
      return make(raw);
    }
    throw new AssertionError("No sample of " + raw + " for " + name);
  }

  private Object generic(ParameterizedType type, String name) {
    Type[] arguments = type.getActualTypeArguments();
    if (type.getRawType() == Optional.class) {
      return full ? Optional.of(of(arguments[0], name)) : Optional.empty();
    }
    if (type.getRawType() == List.class) {
      return full ? List.of(of(arguments[0], name)) : List.of();
    }
    if (type.getRawType() == Map.class) {
      return full ? Map.of("key", of(arguments[1], name)) : Map.of();
    }
    throw new AssertionError("No sample of " + type + " for " + name);
  }

  private Object make(Class<?> type) {
    RecordComponent[] components = type.getRecordComponents();
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    Object[] values =
        Arrays.stream(components)
            .map(component -> of(component.getGenericType(), component.getName()))
            .toArray();
    try {
      Constructor<?> constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      throw new AssertionError("Cannot make a sample of " + type, e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("Cannot make a sample of " + type, e);
    }
  }
}
