"""Points to turn, to lasso and to click on a canvas of our own: what one picture of many points is made of.

plotly draws a few hundred points well. Its scene in three dimensions knows no lasso, and without a graphics
card 20,000 points move about once a second in it; the canvas moves them as fast as the screen shows them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bert_explorer.plots import theme
from bert_explorer.plots.embeddings import MAX_PRINTED_WIDTH, NO_CLASS, axis_titles, group_rows, is_printed
from bert_explorer.plots.labels import shorten, show_characters
from bert_explorer.results import FloatArray, IntArray, LayerFilm, Projection

MAX_ITEM_CHARS = 120  # of a text under the pointer
MAX_PLAIN = 1_000  # flat points that plotly draws


@dataclass(frozen=True)
class PointCloud:
    """``places`` (num_points, 2 or 3) lie within -1 and 1, all axes on one scale; ``groups`` numbers classes.

    A film has a first axis more, (num_moments, num_points, 2 or 3), and ``moments`` names its entries.

    ``names`` and ``styles`` (colour, symbol) have one entry a class, ``names`` none where there are no
    classes. ``items`` are shown under the pointer, ``labels`` beside the points: none where they are many.
    """

    places: FloatArray
    groups: IntArray
    names: tuple[str, ...]
    styles: tuple[tuple[str, str], ...]
    items: tuple[str, ...]
    labels: tuple[str, ...]
    titles: tuple[str, ...]
    moments: tuple[str, ...] = ()


def is_cloud(projection: Projection) -> bool:
    """Whether plotly is the wrong tool for these points: many of them, or a space to turn."""
    num_points, dimensions = projection.coordinates.shape
    return bool(dimensions == 3 or num_points > MAX_PLAIN)


def make_cloud(
    projection: Projection, items: Sequence[str], classes: Sequence[str] | None = None
) -> PointCloud:
    """The points of a projection; ``items`` and ``classes`` have one entry a point."""
    return _make(scale_places(projection.coordinates), axis_titles(projection), items, classes)


def make_film_cloud(
    film: LayerFilm, items: Sequence[str], classes: Sequence[str] | None = None
) -> PointCloud:
    """The points of all layers, each layer a moment, on one scale: they lie around 0 already."""
    reach = float(np.abs(film.coordinates).max()) or 1.0
    titles = [f"direction {number + 1}" for number in range(film.coordinates.shape[2])]
    cloud = _make(film.coordinates / reach, titles, items, classes)
    return replace(cloud, moments=tuple(f"layer {layer}" for layer in film.layers))


def _make(
    places: FloatArray, titles: Sequence[str], items: Sequence[str], classes: Sequence[str] | None
) -> PointCloud:
    rows = group_rows(classes, len(items))
    groups = np.zeros(len(items), dtype=np.int64)
    for number, members in enumerate(rows.values()):
        groups[members] = number
    return PointCloud(
        places=places,
        groups=groups,
        names=() if classes is None else tuple(_plain(name or NO_CLASS, 30) for name in rows),
        styles=tuple(theme.class_style(number) for number in range(len(rows))),
        items=tuple(_plain(item, MAX_ITEM_CHARS) for item in items),
        labels=tuple(_plain(item, MAX_PRINTED_WIDTH) for item in items) if is_printed(items) else (),
        titles=tuple(titles),
    )


def scale_places(coordinates: FloatArray) -> FloatArray:
    """Moved so that each axis has its middle at 0, and divided so that the longest one reaches from -1 to 1.

    scale_places([[0, 0], [4, 2]]) = [[-1, -0.5], [1, 0.5]]
    """
    low, high = coordinates.min(axis=0), coordinates.max(axis=0)
    reach = float((high - low).max()) / 2
    return np.asarray((coordinates - (low + high) / 2) / (reach or 1.0), dtype=np.float32)


def _plain(text: str, width: int) -> str:
    """For a canvas and ``textContent``, where nothing is markup."""
    if 2 * len(text) <= width and text.isprintable() and text.strip():
        return text  # as nearly all are: 20,000 of them are not looked at letter by letter
    return shorten(show_characters(text[: 4 * width]), width)
