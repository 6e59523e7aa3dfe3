"""What is known about one head without asking the model: from the pages about heads, or stored.

Layers and heads count from 0 in arguments and from 1 on the page.
"""

import numpy as np
import streamlit as st

from bert_explorer.results import HeadAtlas, HeadRelations, ModelInfo
from bert_explorer.settings import get_settings
from bert_explorer.ui import state
from bert_explorer.ui.guard import escape_markdown
from bert_explorer.ui.head_inputs import sample_lines
from bert_explorer.ui.head_questions import AtlasQuestion
from bert_explorer.ui.relation_answers import known_relations
from bert_explorer.ui.stored import BUNDLED, load_stored
from bert_explorer.ui.texts import heads as text

PAGE = "heads"
REMARKABLE = 5  # ranks from the top that are worth a word


def known_atlas(model: ModelInfo) -> HeadAtlas | None:
    """The atlas of this model that this session saw last, or the stored one of the bundled model."""
    last = state.remembered_answers().get(PAGE)
    if last is not None and last.asked[0] == model.ref:
        return last.answer  # type: ignore[no-any-return]  # session state is untyped
    if model.ref != BUNDLED:
        return None
    settings = get_settings()
    found = load_stored(AtlasQuestion(tuple(sample_lines(settings).splitlines())), settings)
    fits = found is not None and found.values.shape[1:] == (model.num_layers, model.num_heads)
    return found if fits else None


def show_known_head(model: ModelInfo, layer: int, head: int) -> None:
    """A few lines and the way to all heads; nothing where nothing is known."""
    atlas, relations = known_atlas(model), known_relations(model)
    lines = [] if atlas is None else [describe_ranks(atlas, layer, head)]
    lines += [] if relations is None else [describe_relation(relations, layer, head)]
    if not lines:
        return
    st.markdown(f"**Known about layer {layer + 1}, head {head + 1}.** {' '.join(lines)}")
    link = {state.ATLAS_LAYER: str(layer + 1), state.ATLAS_HEAD: str(head + 1)}
    if model.ref != BUNDLED:
        link[state.MODEL_PARAMETER] = model.ref
    st.page_link("pages/heads.py", label="See it among all heads", query_params=link)


def describe_ranks(atlas: HeadAtlas, layer: int, head: int) -> str:
    """In which measures the head is among the highest, over how many texts."""
    found = []
    for name in atlas.statistics:
        values, measure = atlas.statistic(name), text.MEASURES[name]
        value = float(values[layer, head])
        if not np.isnan(value) and int((values > value).sum()) < REMARKABLE:
            found.append(f"{measure.name.lower()} ({format(value, measure.tick_format)}{measure.unit})")
    over = f"over {atlas.num_texts} texts"
    if not found:
        return f"In no measure is it among the {REMARKABLE} highest of all heads, {over}."
    listed = escape_markdown(", ".join(found))
    return f"It is among the {REMARKABLE} highest of {atlas.values[0].size} heads in: {listed}, {over}."


def describe_relation(relations: HeadRelations, layer: int, head: int) -> str:
    """Which relation the head follows best, if clearly better than a fixed distance, in words."""
    from bert_explorer.analysis.relations import find_best_relations

    best = find_best_relations(relations)[layer][head]
    if best.interval[0] <= best.baseline:
        return "It follows no grammatical relation clearly better than a fixed distance does."
    return (
        f"Of all grammatical relations it follows **{escape_markdown(best.relation)}** best, compared with a "
        f"fixed distance: it is right in {best.accuracy:.1%} of {best.count:,} cases, and always going "
        f"{best.offset:+d} words in {best.baseline:.1%}."
    )
