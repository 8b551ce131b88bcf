package dev.taffrail.network.macvlan;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.NetworkStack;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;

/** The links of a host whose kernel has the kinds that a test says; nothing else of it is asked. */
final class FakeLinks {
  static final int MTU = 1500;

  private final Map<String, NetworkStack.Link> links = new TreeMap<>();
  private final Set<String> kinds;

  FakeLinks(Set<String> kinds, String... administrators) {
    this.kinds = kinds;
    for (String name : administrators) {
      put(name, "", true, 0);
    }
  }

  Set<String> names() {
    return links.keySet();
  }

  NetworkStack.Link link(String name) {
    return links.get(name);
  }

  void put(String name, String kind, boolean up, int group) {
    links.put(
        name,
        new NetworkStack.Link(
            links.size() + 1, name, kind, "", MTU, up, OptionalInt.empty(), group));
  }

  private Object make(String name, String kind, int group) {
    if (!kinds.contains(kind)) {
      throw new RuntimeFailure(Kind.UNIMPLEMENTED, "Cannot make " + name);
    }
    if (links.containsKey(name)) {
      throw new RuntimeFailure(Kind.ALREADY_EXISTS, "Cannot make " + name);
    }
    put(name, kind, false, group);
    return null;
  }

  NetworkStack stack() {
    return (NetworkStack)
        Proxy.newProxyInstance(
            NetworkStack.class.getClassLoader(),
            new Class<?>[] {NetworkStack.class},
            (self, method, arguments) ->
                switch (method.getName()) {
                  case "links" -> List.copyOf(links.values());
                  case "link" -> Optional.ofNullable(links.get((String) arguments[0]));
                  case "hasKind" -> kinds.contains((String) arguments[0]);
                  case "createDummy" -> make((String) arguments[0], "dummy", (int) arguments[1]);
                  case "createVlan" -> make((String) arguments[2], "vlan", (int) arguments[3]);
                  case "setUp" -> {
                    NetworkStack.Link link = links.get((String) arguments[0]);
                    put(link.name(), link.kind(), true, link.group());
                    yield null;
                  }
                  case "delete" -> {
                    links.remove((String) arguments[0]);
                    yield null;
                  }
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }
}
