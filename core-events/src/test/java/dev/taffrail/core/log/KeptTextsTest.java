package dev.taffrail.core.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taffrail.core.event.Kept;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class KeptTextsTest {
  record Hull(@Kept String builder, @Kept Optional<String> yard, String cargo) {}

  record Fleet(Optional<Hull> flag, List<Hull> ships, Map<String, Hull> named) {}

  private static final Hull PLAIN = new Hull("Bath", Optional.of("B"), "?");

  private static boolean keeps(Object value) {
    return KeptTexts.includes(value, "?");
  }

  @Test
  void onlyWhatIsMarkedIsKept() {
    assertThat(keeps(PLAIN)).isFalse();
    assertThat(keeps(new Hull("?", Optional.empty(), "tea"))).isTrue();
    assertThat(keeps(new Hull("Bath", Optional.of("?"), "tea"))).isTrue();
  }

  @Test
  void itIsFoundHoweverDeepItLies() {
    Hull marked = new Hull("?", Optional.empty(), "tea");
    assertThat(keeps(new Fleet(Optional.of(PLAIN), List.of(PLAIN), Map.of("a", PLAIN)))).isFalse();
    assertThat(keeps(new Fleet(Optional.of(marked), List.of(), Map.of()))).isTrue();
    assertThat(keeps(new Fleet(Optional.empty(), List.of(PLAIN, marked), Map.of()))).isTrue();
    assertThat(keeps(new Fleet(Optional.empty(), List.of(), Map.of("?", marked)))).isTrue();
  }
}
