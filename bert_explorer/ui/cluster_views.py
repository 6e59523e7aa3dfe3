"""Inputs and figures of the page Groups."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import streamlit as st

from bert_explorer.analysis.clusters import MAX_CLUSTERS, Cluster, agree_with_labels
from bert_explorer.analysis.maps import Drawing, Map, draw_map
from bert_explorer.results import Embeddings
from bert_explorer.ui import state
from bert_explorer.ui.collections import TextCollection
from bert_explorer.ui.downloads import show_table_download
from bert_explorer.ui.embedding_inputs import key_of
from bert_explorer.ui.embedding_views import show_map, show_map_files
from bert_explorer.ui.inputs import choice, number_slider
from bert_explorer.ui.selections import show_attention_link, show_rows
from bert_explorer.ui.texts import similarity as text

if TYPE_CHECKING:
    from bert_explorer.analysis.clusters import Method

NO_GROUP = "no group"
DEFAULT_COUNT, DEFAULT_SIZE = 5, 4
MAX_SIZE = 50


@dataclass(frozen=True)
class Grouping:
    """How to group: the method, and its one number."""

    method: "Method"
    number: int

    def run(self, texts: TextCollection, embeddings: Embeddings) -> tuple[Cluster, ...]:
        from bert_explorer.analysis.clusters import cluster_texts

        return cluster_texts(
            texts.texts,
            embeddings.vectors,
            method=self.method,
            num_clusters=self.number,
            min_size=self.number,
        )


def choose_grouping(texts: TextCollection) -> Grouping:
    names = tuple(text.CLUSTER_METHODS.values())
    method = cast(
        "Method",
        key_of(text.CLUSTER_METHODS, choice("Grouping", names, state.CLUSTER_METHOD, width="content")),
    )
    count = max(2, len(texts.texts))
    with st.container(width=220):
        if method == "kmeans":
            highest = min(MAX_CLUSTERS, count)
            number = number_slider("Groups", 2, highest, DEFAULT_COUNT, state.CLUSTER_COUNT)
        else:
            highest = min(MAX_SIZE, count)
            number = number_slider("Smallest group", 2, highest, DEFAULT_SIZE, state.CLUSTER_SIZE)
    return Grouping(method, number)


def draw_groups(embeddings: Embeddings, found: tuple[Cluster, ...]) -> Map:
    """A map of the texts whose labels are the groups."""
    names = [""] * len(embeddings.items)
    for cluster in found:
        for row in cluster.rows:
            names[row] = group_name(cluster)
    return draw_map(embeddings, tuple(names), Drawing(correction="centre"))


def group_name(cluster: Cluster) -> str:
    """Its number and its first words: "2 guitar, band"."""
    if cluster.number == 0:
        return NO_GROUP
    words = ", ".join(word for word, _ in cluster.words[:2])
    return f"{cluster.number} {words}".strip()


@dataclass(frozen=True)
class Shown:
    """What the reader selected, or everything: rows of the map, and groups."""

    rows: list[int]
    groups: list[Cluster]


def show_groups(points: Map, found: tuple[Cluster, ...], texts: TextCollection, model: str) -> Shown:
    """The table of groups, the texts of those that are ticked, and the map with its table."""
    st.markdown("**The groups.** Tick one to read its texts, the most typical first.")
    lines = list(range(len(found)))
    ticked = show_rows(_groups_table(found, texts), lines, key=f"groups-{points.key}", height="content")
    agreement = None if texts.labels is None else agree_with_labels(found, texts.labels)
    if agreement is not None:
        st.caption(
            f"Adjusted Rand index of groups and labels: {agreement:.2f}. 1: they are the same, 0: no more "
            "alike than by chance."
        )
    if ticked:
        _show_members([found[line] for line in ticked], texts, model, key=f"members-{points.key}-{ticked}")
    rows = show_map(points, texts.texts, model)
    return Shown(rows, [found[line] for line in ticked or lines])


def _show_members(groups: list[Cluster], texts: TextCollection, model: str, *, key: str) -> None:
    members = [(group, row) for group in groups for row in group.rows]
    table: dict[str, list[object]] = {"Group": [str(group.number or NO_GROUP) for group, _ in members]}
    table["Row"] = [row + 1 for _, row in members]
    if texts.labels is not None:
        table["Label"] = [texts.labels[row] for _, row in members]
    table["Text"] = [texts.texts[row] for _, row in members]
    chosen = show_rows(table, [row for _, row in members], key=key)
    if len(chosen) == 1:
        show_attention_link(texts.texts[chosen[0]], model)


def _groups_table(found: tuple[Cluster, ...], texts: TextCollection) -> dict[str, list[object]]:
    table: dict[str, list[object]] = {
        "Group": [str(cluster.number or NO_GROUP) for cluster in found],
        "Texts": [len(cluster.rows) for cluster in found],
        "Distinctive words": [", ".join(word for word, _ in cluster.words) for cluster in found],
        "Most typical text": [texts.texts[cluster.rows[0]] if cluster.number else "" for cluster in found],
    }
    if texts.labels is not None:
        table["Most frequent label"] = [_main_label(cluster, texts.labels) for cluster in found]
    return table


def _main_label(cluster: Cluster, labels: tuple[str, ...]) -> str:
    (label, count), *_ = Counter(labels[row] for row in cluster.rows).most_common(1)
    return f"{label} ({count / len(cluster.rows):.0%})"


def show_group_files(points: Map, shown: Shown, texts: TextCollection) -> None:
    show_map_files(points, shown.rows)
    header = ("group", "place in group", "row", "text")
    show_table_download("groups", header, lambda: group_rows(shown.groups, texts), label="Groups (CSV)")
    st.caption(f"The file of groups holds {len(shown.groups)}: those that are ticked, or all.")


def group_rows(found: Sequence[Cluster], texts: TextCollection) -> list[tuple[object, ...]]:
    """One row a text, the most typical of each group first; rows count from 1."""
    return [
        (cluster.number, place, row + 1, texts.texts[row])
        for cluster in found
        for place, row in enumerate(cluster.rows, start=1)
    ]
