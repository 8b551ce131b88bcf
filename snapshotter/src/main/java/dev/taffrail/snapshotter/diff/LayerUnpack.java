package dev.taffrail.snapshotter.diff;

import dev.taffrail.core.content.Digest;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.FileStat;
import dev.taffrail.core.linux.Tree;
import dev.taffrail.core.snapshot.AppliedLayer;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** Unpacks one layer into a tree. */
final class LayerUnpack {
  private static final String WHITEOUT = ".wh.";
  private static final String OPAQUE = ".wh..wh..opq";
  private static final String ATTRIBUTE = "SCHILY.xattr.";
  private static final int PERMISSIONS = 07777;
  private static final int PARENT_MODE = 0755;

  private final Tree tree;
  private final LayerLimits limits;
  private final BooleanSupplier cancelled;
  private final byte[] buffer = new byte[1 << 17];
  private final ByteBuffer direct = ByteBuffer.allocateDirect(buffer.length);

  /** Names this layer has made, which its own whiteouts do not hide. */
  private final Set<String> made = new HashSet<>();

  /** Of directories, set at the end, since making files in them changes it. */
  private final Map<String, Instant> modified = new TreeMap<>();

  private long size;
  private long entries;
  private String current = "";

  LayerUnpack(Tree tree, LayerLimits limits, BooleanSupplier cancelled) {
    this.tree = tree;
    this.limits = limits;
    this.cancelled = cancelled;
  }

  /** INVALID_ARGUMENT that names the entry when the layer is hostile or damaged. */
  AppliedLayer run(InputStream layer) {
    try (LayerStream stream = LayerStream.open(layer, limits);
        TarArchiveInputStream archive =
            new TarArchiveInputStream(stream, StandardCharsets.ISO_8859_1.name())) {
      stream.expectHeader();
      TarArchiveEntry entry = archive.getNextEntry();
      while (entry != null) {
        stream.headerRead();
        if (!entry.isCheckSumOK()) {
          throw new IOException("invalid tar header");
        }
        unpack(entry, archive);
        stream.expectHeader();
        entry = archive.getNextEntry();
      }
      if (stream.isInsideRecord()) {
        throw new EOFException("unexpected end of the archive");
      }
      stream.headerRead();
      if (entries == 0 && archive.getBytesRead() == 0) {
        throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "The layer is not a tar archive: empty");
      }
      modified.forEach(tree::setModified);
      Digest diffId = stream.drain();
      return new AppliedLayer(diffId, size, entries);
    } catch (IOException | IllegalArgumentException e) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT,
          "The layer is damaged"
              + (current.isEmpty() ? "" : " after \"" + current + "\"")
              + ": "
              + e.getMessage(),
          e);
    }
  }

  private void unpack(TarArchiveEntry entry, TarArchiveInputStream archive) throws IOException {
    if (cancelled.getAsBoolean()) {
      throw new RuntimeFailure(Kind.CANCELLED, "Unpacking was given up");
    }
    entries++;
    if (entries > limits.entries()) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT,
          "The layer has more than " + limits.entries() + " entries (max-layer-entries)");
    }
    String name = EntryName.clean(EntryName.text(entry.getName()));
    current = name;
    try {
      if (EntryName.last(name).startsWith(WHITEOUT)) {
        whiteOut(name);
      } else {
        make(name, entry, archive);
        made.add(name);
      }
    } catch (RuntimeFailure e) {
      throw new RuntimeFailure(e.kind(), "Cannot unpack \"" + name + "\": " + e.getMessage(), e);
    }
  }

  /** OCI image specification, layer.md, "Whiteouts". */
  private void whiteOut(String name) {
    String parent = EntryName.parent(name);
    String last = EntryName.last(name);
    if (last.equals(OPAQUE)) {
      if (tree.stat(parent).isPresent()) {
        for (String child : tree.list(parent)) {
          hide(EntryName.child(parent, child));
        }
      }
    } else if (!last.startsWith(WHITEOUT + WHITEOUT)) {
      String hidden = last.substring(WHITEOUT.length());
      if (hidden.isEmpty() || hidden.equals(".") || hidden.equals("..")) {
        throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "invalid whiteout");
      }
      hide(EntryName.child(parent, hidden));
    }
  }

  private void hide(String name) {
    if (made.contains(name)) {
      return;
    }
    boolean holdsOurs = made.stream().anyMatch(ours -> ours.startsWith(name + "/"));
    if (!holdsOurs) {
      tree.remove(name);
      return;
    }
    for (String child : tree.list(name)) {
      hide(EntryName.child(name, child));
    }
  }

  private void make(String name, TarArchiveEntry entry, TarArchiveInputStream archive)
      throws IOException {
    int mode = entry.getMode() & PERMISSIONS;
    Map<String, byte[]> attributes = attributes(entry);
    Instant time = entry.getLastModifiedTime().toInstant();
    if (entry.isDirectory()) {
      makeDirectory(name, mode);
      modified.put(name, time);
    } else {
      if (name.equals(".")) {
        throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "the root must be a directory");
      }
      clear(name);
      if (entry.isLink()) {
        makeLink(name, entry);
        return;
      }
      if (entry.isSymbolicLink()) {
        String target = EntryName.text(entry.getLinkName());
        EntryName.checkTarget(name, target);
        tree.makeSymbolicLink(name, target);
      } else if (entry.isFIFO()) {
        tree.makeNode(name, FileStat.S_IFIFO | mode, 0);
      } else if (entry.isCharacterDevice()) {
        tree.makeNode(name, FileStat.S_IFCHR | mode, device(entry));
      } else if (entry.isBlockDevice()) {
        tree.makeNode(name, FileStat.S_IFBLK | mode, device(entry));
      } else if (entry.isFile() || entry.isSparse()) {
        writeFile(name, entry, archive, mode, attributes, time);
        return;
      } else {
        throw new RuntimeFailure(
            Kind.INVALID_ARGUMENT, "unknown entry type " + (char) entry.getLinkFlag());
      }
    }
    tree.setOwner(name, entry.getLongUserId(), entry.getLongGroupId());
    attributes.forEach((attribute, value) -> tree.setAttribute(name, attribute, value));
    if (!entry.isSymbolicLink()) {
      // After the owner, whose change clears the set-id bits: chown(2).
      tree.setMode(name, mode);
    }
    if (!entry.isDirectory()) {
      tree.setModified(name, time);
    }
  }

  private void makeDirectory(String name, int mode) {
    Optional<FileStat> there = tree.stat(name);
    if (there.isPresent() && there.get().isDirectory()) {
      return;
    }
    clear(name);
    tree.makeDirectory(name, mode);
  }

  /** Makes room for {@code name}: its parents exist, and it does not. */
  private void clear(String name) {
    makeParents(EntryName.parent(name));
    Optional<FileStat> there = tree.stat(name);
    if (there.isPresent()) {
      tree.remove(name);
      modified.keySet().removeIf(gone -> gone.equals(name) || gone.startsWith(name + "/"));
    }
  }

  private void makeParents(String directory) {
    if (directory.equals(".") || made.contains(directory) || tree.stat(directory).isPresent()) {
      return;
    }
    makeParents(EntryName.parent(directory));
    tree.makeDirectory(directory, PARENT_MODE);
    made.add(directory);
  }

  private void makeLink(String name, TarArchiveEntry entry) {
    String existing;
    try {
      existing = EntryName.clean(EntryName.text(entry.getLinkName()));
    } catch (RuntimeFailure e) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT,
          "invalid hardlink \"" + name + "\" -> \"" + entry.getLinkName() + "\"",
          e);
    }
    try {
      tree.makeLink(name, existing);
    } catch (RuntimeFailure e) {
      throw e.kind() == Kind.NOT_FOUND
          ? new RuntimeFailure(
              Kind.INVALID_ARGUMENT, "hard link to \"" + existing + "\", which is not there", e)
          : e;
    }
  }

  private void writeFile(
      String name,
      TarArchiveEntry entry,
      TarArchiveInputStream archive,
      int mode,
      Map<String, byte[]> attributes,
      Instant time)
      throws IOException {
    try (Tree.NewFile file = tree.createFile(name, mode)) {
      int count = archive.read(buffer);
      while (count >= 0) {
        direct.clear().put(buffer, 0, count).flip();
        file.write(direct);
        size += count;
        count = archive.read(buffer);
      }
      file.setOwner(entry.getLongUserId(), entry.getLongGroupId());
      attributes.forEach(file::setAttribute);
      file.setMode(mode);
      file.setModified(time);
    }
  }

  private static Map<String, byte[]> attributes(TarArchiveEntry entry) {
    Map<String, byte[]> attributes = new LinkedHashMap<>();
    entry
        .getExtraPaxHeaders()
        .forEach(
            (key, value) -> {
              if (key.startsWith(ATTRIBUTE)) {
                attributes.put(key.substring(ATTRIBUTE.length()), attribute(key, value));
              }
            });
    return attributes;
  }

  private static byte[] attribute(String key, String value) {
    if (key.startsWith(ATTRIBUTE + "trusted.overlay.")) {
      // They would tell overlayfs to look elsewhere.
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "it has the attribute " + key);
    }
    if (value.indexOf('\uFFFD') >= 0) {
      throw new RuntimeFailure(
          Kind.UNIMPLEMENTED, "the value of " + key + " is binary, which is not supported yet");
    }
    return value.getBytes(StandardCharsets.UTF_8);
  }

  /** As makedev(3) packs it. */
  private static long device(TarArchiveEntry entry) {
    long major = entry.getDevMajor();
    long minor = entry.getDevMinor();
    return ((major & 0xfffff000L) << 32)
        | ((major & 0xfffL) << 8)
        | ((minor & 0xffffff00L) << 12)
        | (minor & 0xffL);
  }
}
