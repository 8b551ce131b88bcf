package dev.taffrail.core.image;

import java.util.List;

/**
 * An image and its names.
 *
 * @param references in normal form, sorted
 */
public record ImageView(Image image, List<String> references) {
  public ImageView {
    references = List.copyOf(references);
  }
}
