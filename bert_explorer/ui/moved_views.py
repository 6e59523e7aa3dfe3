"""Draws what a training changed, and the probes before and after it."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from bert_explorer.analysis.moved import check_claim, count_fixed, layer_changes
from bert_explorer.intervals import wilson_interval
from bert_explorer.results import ModelMoves, ProbePair
from bert_explorer.ui import state
from bert_explorer.ui.downloads import show_figure, show_figure_downloads, show_table_download, table_columns
from bert_explorer.ui.guard import escape_markdown
from bert_explorer.ui.inputs import choice
from bert_explorer.ui.texts import what_moved as text

Files = Callable[[], None]


def show_moves(moves: ModelMoves) -> Files:
    """The verdicts, one measure by layer and by head; returns what draws the files."""
    from bert_explorer.plots.moved import plot_layer_changes

    st.markdown(describe_verdicts(moves))
    st.caption(f"Measured on {moves.num_tokens:,} tokens of {moves.num_texts} held-out texts.")
    measure = choice("Measure", tuple(text.MEASURES), state.MOVED_MEASURE)
    values = layer_changes(moves)[text.MEASURES[measure]]
    names = ["all"] if len(values) == 1 else [str(number + 1) for number in range(len(values))]
    figure = plot_layer_changes(values, names, text.AXES[measure])
    show_figure(figure, "moved-layers", alt=f"{measure}: how far each layer moved")
    rows = layer_rows(moves)
    st.dataframe(
        table_columns(text.LAYER_HEADER, rows),
        hide_index=True,
        height="content",
        placeholder="–",
        column_config={"Layer": st.column_config.TextColumn(width=95)},
    )
    heads = _show_heads(moves, measure)

    def show_files() -> None:
        show_figure_downloads(figure, "moved-layers")
        show_table_download("moved-layers", text.LAYER_HEADER, lambda: rows)
        heads()

    return show_files


def _show_heads(moves: ModelMoves, measure: str) -> Files:
    from bert_explorer.plots.heads import plot_head_grid

    if measure == text.VECTORS:
        return lambda: None
    values = moves.weights.heads if measure == text.WEIGHTS else moves.divergences
    st.markdown(f"**Head by head: {text.AXES[measure]}**")
    if np.isnan(values).all():
        st.caption(text.SAME_HEADS)
        return lambda: None
    figure = plot_head_grid(values, text.AXES[measure], tick_format=".3f")
    show_figure(figure, "moved-heads", alt=f"{measure}: how far each head moved")
    rows = head_rows(moves)
    with st.expander("The same as a table"):
        st.dataframe(table_columns(text.HEAD_HEADER, rows), hide_index=True, height=320)

    def show_files() -> None:
        show_figure_downloads(figure, "moved-heads")
        show_table_download("moved-heads", text.HEAD_HEADER, lambda: rows)

    return show_files


def describe_verdicts(moves: ModelMoves) -> str:
    """ "The top layers change most", by each measure, as Markdown."""
    lines = []
    for name, key in text.MEASURES.items():
        claim = check_claim(layer_changes(moves)[key])
        if claim is None:
            lines.append(f"- {name}: not decided, since three layers or more are needed.")
            continue
        lines.append(
            f"- {name}: it **{text.VERDICTS[claim.verdict]}** (r = {claim.correlation:.2f}; bottom third "
            f"{claim.bottom:.3f}, top third {claim.top:.3f})."
        )
    return "*The top layers change most* – on this run:\n\n" + "\n".join(lines) + _describe_fixed(moves)


def _describe_fixed(moves: ModelMoves) -> str:
    """What was settled before the training began."""
    fixed = count_fixed(moves.weights.layers)
    if fixed == len(moves.weights.layers):
        return text.ALL_FIXED
    return text.FIXED.format(count=fixed) if fixed else ""


def layer_rows(moves: ModelMoves) -> list[tuple[object, ...]]:
    """One row a layer, the embeddings first."""
    changes = layer_changes(moves)
    weights = changes["weights"]
    rows: list[tuple[object, ...]] = [
        ("embeddings", _round(moves.weights.embeddings), _round(1 - moves.similarities[0]), None)
    ]
    for layer, (vectors, attention) in enumerate(zip(changes["vectors"], changes["attention"], strict=True)):
        weight = weights[0 if len(weights) == 1 else layer]
        rows.append((str(layer + 1), *map(_round, (float(weight), float(vectors), float(attention)))))
    return rows


def head_rows(moves: ModelMoves) -> list[tuple[object, ...]]:
    """One row a head; layers and heads count from 1 as on the page."""
    return [
        (layer + 1, head + 1, _round(float(moves.weights.heads[layer, head])), _round(float(value)))
        for (layer, head), value in np.ndenumerate(moves.divergences)
    ]


def show_probes(found: ProbePair) -> Files:
    """Both curves, what they come to, and the table."""
    from bert_explorer.plots.probes import plot_probe_pair

    figure = plot_probe_pair(found)
    show_figure(figure, "run-probes", alt="Accuracy of a probe of every layer, before and after the training")
    count, last = found.num_test, len(found.tuned_hits) - 1
    best = max(range(last + 1), key=lambda layer: found.base_hits[layer])
    st.markdown(
        f"Read off: {escape_markdown(found.task)}. In the last layer **{found.base_hits[last] / count:.0%}** "
        f"before and **{found.tuned_hits[last] / count:.0%}** after, of {count:,} held-out "
        f"{'labels' if count > 1 else 'label'}; always the most frequent label reaches "
        f"{found.majority_hits / count:.0%}. The base knew most in layer {best}: "
        f"{found.base_hits[best] / count:.0%}."
    )
    rows = probe_rows(found)
    st.dataframe(table_columns(text.PROBE_HEADER, rows), hide_index=True, height="content")

    def show_files() -> None:
        show_figure_downloads(figure, "run-probes")
        show_table_download("run-probes", text.PROBE_HEADER, lambda: rows)

    return show_files


def probe_rows(found: ProbePair) -> list[tuple[object, ...]]:
    """One row a layer."""
    rows: list[tuple[object, ...]] = []
    for layer, pair in enumerate(zip(found.base_hits, found.tuned_hits, strict=True)):
        cells: list[object] = [layer]
        for hits in pair:
            low, high = wilson_interval(hits, found.num_test)
            cells += [f"{hits / found.num_test:.1%}", f"{low:.0%} to {high:.0%}"]
        rows.append(tuple(cells))
    return rows


def _round(value: float) -> float | None:
    return round(float(value), 4) if np.isfinite(value) else None
