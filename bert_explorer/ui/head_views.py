"""Draws answers of the page Heads: the grid or the map, the table, and what is known about one head.

Layers and heads count from 0 in arguments and from 1 on the page.
"""

from collections.abc import Callable, Iterator

import numpy as np
import streamlit as st

from bert_explorer.results import FloatArray, HeadAtlas, HeadRelations, ModelInfo
from bert_explorer.ui import state
from bert_explorer.ui.downloads import Figure, show_figure, show_figure_downloads, show_table_download
from bert_explorer.ui.head_inputs import HeadChoice
from bert_explorer.ui.head_knowledge import describe_relation
from bert_explorer.ui.texts import attention
from bert_explorer.ui.texts import heads as text

FIGURE = "heads"
CHART = "heads-chart"
HEADER = ("layer", "head", "measure", "value")


def gains_of(relations: HeadRelations) -> tuple[FloatArray, list[list[str]]]:
    """What each head follows best: its gain over the fixed offset (num_layers, num_heads), and a line."""
    from bert_explorer.analysis.relations import find_best_relations

    best = find_best_relations(relations)
    gains = np.array([[item.accuracy - item.baseline for item in row] for row in best], dtype=np.float32)
    notes = [
        [f"{item.relation}: {item.accuracy:.1%} of {item.count:,} cases" for item in row] for row in best
    ]
    return gains, notes


def show_atlas(atlas: HeadAtlas, relations: HeadRelations | None, chosen: HeadChoice) -> Callable[[], None]:
    """Draw the picture and the table beside it; returns what draws the download buttons."""
    measure = text.MEASURES[chosen.statistic]
    notes = None
    if chosen.statistic != text.RELATION:
        values = atlas.statistic(chosen.statistic)
    elif relations is not None:
        values, notes = gains_of(relations)
    else:
        raise ValueError("the relation of each head needs relations")
    st.caption(text.MAP_SAYS if chosen.picture == text.MAP else measure.says)
    figure_column, table_column = st.columns([3, 2], gap="medium")
    with figure_column:
        figure = _plot(atlas, values, notes, chosen)
        alt = f"{measure.name} of every head; layer {chosen.layer + 1}, head {chosen.head + 1} is marked"
        show_figure(
            figure, FIGURE, alt=alt, chart_key=CHART, on_select=_take_click, selection_mode=("points",)
        )
    with table_column:
        _show_table(values, notes, measure)
    return lambda: _show_files(figure, atlas)


def _plot(atlas: HeadAtlas, values: FloatArray, notes: list[list[str]] | None, chosen: HeadChoice) -> Figure:
    from bert_explorer.plots.heads import plot_head_grid, plot_head_map

    selected = (chosen.layer, chosen.head)
    if chosen.picture == text.MAP:
        from bert_explorer.analysis.head_distances import map_distances

        return plot_head_map(map_distances(atlas.distances), values.shape[1], selected=selected)
    measure = text.MEASURES[chosen.statistic]
    return plot_head_grid(
        values, measure.name, tick_format=measure.tick_format, selected=selected, notes=notes
    )


def _take_click() -> None:
    """A click on a head moves the two sliders, which are drawn above the figure."""
    from bert_explorer.plots.heads import clicked_head

    head = clicked_head(st.session_state[CHART].selection.points)
    if head is not None:
        st.session_state[state.ATLAS_LAYER], st.session_state[state.ATLAS_HEAD] = head[0] + 1, head[1] + 1


def _show_table(values: FloatArray, notes: list[list[str]] | None, measure: text.Measure) -> None:
    order = np.argsort(-np.nan_to_num(values, nan=-np.inf), axis=None)
    heads = [divmod(int(i), values.shape[1]) for i in order]
    factor = 100 if measure.tick_format.endswith("%") else 1
    table: dict[str, list[object]] = {
        "Head": [f"{layer + 1}-{head + 1}" for layer, head in heads],
        measure.name: [factor * float(values[head]) for head in heads],
    }
    if notes is not None:
        table["Follows"] = [notes[layer][head] for layer, head in heads]
    decimals = ".4f" if measure.tick_format == ".4f" else ".2f"
    shown = f"%{decimals} %%" if factor == 100 else f"%{decimals}"
    columns = {measure.name: st.column_config.NumberColumn(format=shown)}
    st.dataframe(table, hide_index=True, height=330, column_config=columns)
    st.caption("Heads are named layer-head. The highest come first.")


def show_head(
    model: ModelInfo, atlas: HeadAtlas, relations: HeadRelations | None, chosen: HeadChoice, sentence: str
) -> None:
    """What is known about the chosen head, and the way to its attention on the reader's first text."""
    st.subheader(f"Layer {chosen.layer + 1}, head {chosen.head + 1}", anchor=False)
    table: dict[str, list[str]] = {"Measure": [], "Value": [], "Rank": []}
    for name in atlas.statistics:
        values, measure = atlas.statistic(name), text.MEASURES[name]
        value = float(values[chosen.layer, chosen.head])
        known = not np.isnan(value)
        table["Measure"].append(measure.name)
        table["Value"].append(format(value, measure.tick_format) + measure.unit if known else "not known")
        table["Rank"].append(f"{1 + int((values > value).sum())} of {values.size}" if known else "")
    st.dataframe(table, hide_index=True, width=440, height="content")
    if relations is not None:
        st.markdown(describe_relation(relations, chosen.layer, chosen.head))
    link = {
        state.ATTENTION_TEXT: sentence,
        state.ATTENTION_VIEW: attention.HEAT_MAP,
        state.ATTENTION_LAYER: str(chosen.layer + 1),
        state.ATTENTION_HEAD: str(chosen.head + 1),
    }
    if model.ref != "bundled":
        link[state.MODEL_PARAMETER] = model.ref
    st.page_link("pages/attention.py", label="Open this head in Attention", query_params=link)


def _show_files(figure: Figure, atlas: HeadAtlas) -> None:
    show_figure_downloads(figure, FIGURE)
    show_table_download(FIGURE, HEADER, lambda: atlas_rows(atlas))


def atlas_rows(atlas: HeadAtlas) -> Iterator[tuple[object, ...]]:
    """One row a head and measure; layers and heads count from 1 as on the page."""
    for (number, layer, head), value in np.ndenumerate(atlas.values):
        yield layer + 1, head + 1, atlas.statistics[number], f"{value:.6g}"
