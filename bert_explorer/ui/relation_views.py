"""Draws answers of the page Heads and grammar: the best head of each relation, and all heads on one.

Layers and heads count from 0 in arguments and from 1 on the page.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import streamlit as st

from bert_explorer.results import HeadRelations, ModelInfo, RelationHead
from bert_explorer.ui import state
from bert_explorer.ui.downloads import show_figure, show_figure_downloads, show_table_download
from bert_explorer.ui.texts import relations as text

BEST, GRID = "relations", "one-relation"
HEADER = ("relation", "direction", "layer", "head", "hits", "cases", "best fixed offset", "its hits")
PERCENT = "%.1f %%"


def show_relations(found: HeadRelations, direction: int, model: ModelInfo) -> Callable[[], None]:
    """Draw figure and table of the best heads; returns what draws the download buttons."""
    from bert_explorer.analysis.relations import find_best_head
    from bert_explorer.plots.relations import plot_relations

    best = [find_best_head(found, number, direction) for number in range(len(found.relations))]
    shown = [item for item in best if item.count >= text.MIN_SHOWN] or best
    shown = sorted(shown[: text.MAX_SHOWN], key=lambda item: item.baseline - item.accuracy)
    left_out = (
        f", and {found.num_skipped} that do not fit into the model or hold nothing to read"
        if found.num_skipped
        else ""
    )
    st.caption(
        f"{found.num_sentences:,} sentences{left_out}. Drawn are relations of at least {text.MIN_SHOWN} "
        f"cases, "
        "the largest gain over the fixed distance first."
    )
    figure = plot_relations(shown)
    figure_column, table_column = st.columns([1, 1], gap="medium")
    with figure_column:
        show_figure(figure, BEST, alt=f"Accuracy of the best head on each of {len(shown)} relations")
    with table_column:
        _show_table(best)
    if is_published(model):
        _show_published(found)
    return lambda: _show_files(found, figure)


def _show_table(best: Sequence[RelationHead]) -> None:
    columns = {name: st.column_config.NumberColumn(format=PERCENT) for name in ("Right", "Fixed distance")}
    table = {
        "Relation": [item.relation for item in best],
        "Head": [f"{item.layer + 1}-{item.head + 1}" for item in best],
        "Right": [100 * item.accuracy for item in best],
        "95 %": [f"{item.interval[0]:.0%} to {item.interval[1]:.0%}" for item in best],
        "Fixed distance": [100 * item.baseline for item in best],
        "by": [f"{item.offset:+d}" for item in best],
        "Cases": [item.count for item in best],
        "Meaning": [text.GLOSSARY.get(item.relation, "") for item in best],
    }
    st.dataframe(table, hide_index=True, height=560, column_config=columns)


def is_published(model: ModelInfo) -> bool:
    """Whether it is the model that Clark et al. measured, by its name and its heads."""
    name = model.ref.rsplit("/", 1)[-1].removeprefix("local:")
    return name == text.CLARK_MODEL and (model.num_layers, model.num_heads) == (12, 12)


def published_rows(found: HeadRelations) -> list[tuple[text.PublishedHead, str, RelationHead]]:
    """Lines of Clark et al.'s table, each with the name and the hits of the best head here.

    All are asked forward: in Universal Dependencies the preposition depends on its object, so that "pobj",
    where a preposition looks at its object, is ``case`` from the word to its head word too.
    """
    from bert_explorer.analysis.relations import FORWARD, find_best_head

    rows = []
    for line in text.CLARK:
        if line.relation in found.relations:
            here = find_best_head(found, found.relations.index(line.relation), FORWARD)
            rows.append((line, f"{here.layer + 1}-{here.head + 1}", here))
    return rows


def _show_published(found: HeadRelations) -> None:
    """Clark et al.'s table beside what is measured here, for the model that they measured."""
    st.markdown("**Beside the published table**")
    rows = published_rows(found)
    table = {
        "Published": [line.name for line, _, _ in rows],
        "Head ": [line.head for line, _, _ in rows],
        "Right ": [f"{line.accuracy:.1f} %" for line, _, _ in rows],
        "Fixed distance ": [f"{line.baseline:.1f} %" for line, _, _ in rows],
        "Here": [line.relation for line, _, _ in rows],
        "Head": [head for _, head, _ in rows],
        "Right": [f"{here.accuracy:.1%}" for _, _, here in rows],
        "Fixed distance": [f"{here.baseline:.1%}" for _, _, here in rows],
    }
    st.dataframe(table, hide_index=True, height="content")
    st.caption(text.CLARK_NOTE)


def show_one_relation(found: HeadRelations, direction: int) -> None:
    """All heads on one relation, chosen here."""
    from bert_explorer.analysis.relations import describe_head, find_best_head
    from bert_explorer.plots.heads import plot_head_grid

    st.subheader("All heads on one relation", anchor=False)
    if st.session_state.get(state.RELATIONS_NAME) not in (None, *found.relations):
        del st.session_state[state.RELATIONS_NAME]  # of another treebank
    known = found.relations.index(text.DEFAULT_RELATION) if text.DEFAULT_RELATION in found.relations else 0
    name = st.selectbox(
        "Relation",
        found.relations,
        index=known,
        format_func=lambda item: f"{item}: {text.GLOSSARY[item]}" if item in text.GLOSSARY else item,
        key=state.RELATIONS_NAME,
        bind="query-params",
        width=360,
    )
    number = found.relations.index(str(name))
    best = find_best_head(found, number, direction)
    shares = (found.hits[direction, number] / found.counts[number]).astype(np.float32)
    notes = [
        [_interval(describe_head(found, number, direction, layer, head)) for head in range(shares.shape[1])]
        for layer in range(shares.shape[0])
    ]
    figure = plot_head_grid(
        shares, f"right on {name}", tick_format=".1%", selected=(best.layer, best.head), notes=notes
    )
    show_figure(figure, GRID, alt=f"Accuracy of every head on {name}; the best one is marked")
    with st.expander("The same as a table"):
        table = {"Layer": [str(layer + 1) for layer in range(shares.shape[0])]}
        percents = {
            str(head + 1): (100 * shares[:, head]).round(1).tolist() for head in range(shares.shape[1])
        }
        st.dataframe(table | percents, hide_index=True, height="content")
    show_figure_downloads(figure, GRID)


def _interval(item: RelationHead) -> str:
    low, high = item.interval
    return f"95 %: {low:.1%} to {high:.1%}; fixed distance {item.baseline:.1%}"


def _show_files(found: HeadRelations, figure: object) -> None:
    show_figure_downloads(figure, BEST)
    show_table_download(BEST, HEADER, lambda: relation_rows(found))


def relation_rows(found: HeadRelations) -> Iterator[tuple[object, ...]]:
    """One row a relation, direction and head; layers and heads count from 1 as on the page."""
    names = ("word to head word", "head word to word")
    for (direction, number, layer, head), hits in np.ndenumerate(found.hits):
        cases, offset, right = (
            int(item[number]) for item in (found.counts, found.offsets, found.offset_hits)
        )
        yield found.relations[number], names[direction], layer + 1, head + 1, int(hits), cases, offset, right
