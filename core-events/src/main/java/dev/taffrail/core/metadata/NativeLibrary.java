package dev.taffrail.core.metadata;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.rocksdb.NativeLibraryLoader;
import org.rocksdb.RocksDB;

/** Loads RocksDB's native code. */
final class NativeLibrary {
  /** A directory to unpack into, or with the library in it; else the temporary directory. */
  static final String DIRECTORY = "taffrail.native.dir";

  private NativeLibrary() {}

  static void load() {
    String directory = System.getProperty(DIRECTORY);
    if (directory == null) {
      RocksDB.loadLibrary();
      return;
    }
    try {
      if (Files.exists(Path.of(directory, "librocksdbjni-linux64.so"))) {
        RocksDB.loadLibrary(List.of(directory));
      } else {
        NativeLibraryLoader.getInstance().loadLibrary(directory);
        RocksDB.loadLibrary();
      }
    } catch (IOException e) {
      throw new StoreException(
          "Cannot load RocksDB's native library from " + directory + ": " + e.getMessage(),
          false,
          e);
    }
  }
}
