"""A second model below a page's own (``?beside=REF`` in the link): the same question, drawn the same way."""

import streamlit as st

from bert_explorer.results import HeadAtlas, ModelInfo
from bert_explorer.ui import state
from bert_explorer.ui.answers import answer, long_answer, remember
from bert_explorer.ui.downloads import Figure, show_figure, show_figure_downloads
from bert_explorer.ui.embedding_inputs import Asked
from bert_explorer.ui.embedding_questions import SensesQuestion
from bert_explorer.ui.guard import escape_markdown, guard
from bert_explorer.ui.head_inputs import HeadChoice
from bert_explorer.ui.head_questions import AtlasQuestion
from bert_explorer.ui.model_bar import describe_for_browser
from bert_explorer.ui.texts import heads


def _beside(model: ModelInfo) -> ModelInfo | None:
    """The second model, under a heading; None where the link names none, or it is not known yet who asks."""
    ref = st.query_params.get(state.BESIDE)
    if not ref or ref == model.ref:
        return None
    other = describe_for_browser(ref)
    if other is not None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(f"Beside it: {escape_markdown(other.name)}", anchor=False)
            st.button("Show one model", on_click=_show_one, type="tertiary")
    return other


def _show_one() -> None:
    st.query_params.pop(state.BESIDE, None)


def _show(figure: Figure, name: str) -> None:
    """The figure and, folded, its files."""
    show_figure(figure, name, alt="The same of the second model")
    with st.expander("Files of this figure"):
        show_figure_downloads(figure, name)


def show_heads_beside(
    model: ModelInfo, question: AtlasQuestion, atlas: HeadAtlas, chosen: HeadChoice
) -> None:
    """The other model's grid, and where it differs, head by head."""
    from bert_explorer.plots.heads import plot_head_grid

    with guard():
        other = _beside(model)
        found = (
            None if other is None else long_answer("heads beside", other.ref, question, "Texts read beside")
        )
        if found is None:
            return
        if chosen.statistic not in set(found.statistics) & set(atlas.statistics):
            st.caption("This measure is not known of both models. Choose another one to compare them.")
            return
        measure = heads.MEASURES[chosen.statistic]
        values, own = found.statistic(chosen.statistic), atlas.statistic(chosen.statistic)
        _show(plot_head_grid(values, measure.name, tick_format=measure.tick_format), "heads-beside")
        if values.shape == own.shape:
            difference = plot_head_grid(
                values - own, "second minus first", tick_format=measure.tick_format, diverging=True
            )
            _show(difference, "heads-difference")


def show_senses_beside(model: ModelInfo, question: SensesQuestion) -> None:
    """The other model's curve, and the best layer of it."""
    from bert_explorer.plots.senses import plot_senses

    with guard():
        other = _beside(model)
        senses = None if other is None else answer("word senses beside", other.ref, question)
        if senses is None:
            return
        best = int(senses.accuracies.argmax())
        _show(plot_senses(senses), "word-senses-beside")
        st.markdown(f"**Best in layer {senses.film.layers[best]}: {senses.accuracies[best]:.0%}**.")


def show_map_beside(model: ModelInfo, asked: Asked) -> None:
    """The other model's map of the same texts. Each map has axes of its own."""
    from bert_explorer.analysis.maps import draw_map
    from bert_explorer.plots.embeddings import plot_projection
    from bert_explorer.ui.embedding_views import printed_items, show_quality

    question = asked.question
    if question is None:
        return
    with guard():
        other = _beside(model)
        found = (
            None if other is None else long_answer("embeddings beside", other.ref, question, "Reading beside")
        )
        if found is None or other is None:
            return
        key = (other.ref, question, asked.labels, asked.drawing)
        points = remember("projection beside", key, lambda: draw_map(found, asked.labels, asked.drawing))
        _show(plot_projection(points.projection, printed_items(points), points.labels), "embeddings-beside")
        show_quality(points, key="quality-beside")
