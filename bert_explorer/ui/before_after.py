"""The way from a finished run to pages that show its model beside the one that it began from."""

import streamlit as st

from bert_explorer.errors import RunError
from bert_explorer.results import Capability, ModelInfo
from bert_explorer.settings import get_settings
from bert_explorer.training.run import Run
from bert_explorer.training.run_folder import run_folder
from bert_explorer.ui import state
from bert_explorer.ui.model_bar import describe_for_browser
from bert_explorer.ui.stored import BUNDLED
from bert_explorer.ui.texts import attention
from bert_explorer.ui.texts import what_moved as text

MAX_LINK_CHARS = 500
INSIDE = "Inside"
PAGES = {  # label -> page that shows ?beside= below its own model
    INSIDE: "pages/inside.py",
    "Heads": "pages/heads.py",
    "Map of texts": "pages/embeddings.py",
    "Layers as a film": "pages/layer_film.py",
    "Word senses": "pages/word_senses.py",
    "Similarity": "pages/similarity.py",
    "Probes": "pages/probes.py",
}
GUESSING = {"Masked words": "pages/masked_words.py"}  # for models that name words
WAYS = {
    "The film of its training": "pages/training_film.py",
    "Before and after": "pages/what_moved.py",
}


def show_before_after(run: Run, base: ModelInfo) -> None:
    """Links that open base and tuned model together."""
    tuned = describe_for_browser(run.ref)
    guesses = tuned is not None and Capability.MASKED_LM in tuned.capabilities
    st.markdown(f"**{text.BESIDE}**")
    with st.container(horizontal=True, key="before-after"):
        link = {
            state.ATTENTION_TAB: attention.TABS[2],
            state.COMPARE_WHAT: attention.TWO_MODELS,
            state.COMPARE_MODEL: run.ref,
            state.ATTENTION_LAYER: str(base.num_layers),  # the one that is likeliest to have changed
            **_model(base),
        }
        sentence = _held_out_text(run)
        if sentence is not None:
            link[state.ATTENTION_TEXT] = sentence
        st.page_link("pages/attention.py", label="Attention", query_params=link, width="content")
        for label, page in (PAGES | (GUESSING if guesses else {})).items():
            query = {state.BESIDE: run.ref, **_model(base)}
            if label == INSIDE:
                query[state.INSIDE_LAYER] = str(base.num_layers)
            st.page_link(page, label=label, query_params=query, width="content")
    if not guesses:
        st.caption(text.NO_MASKS)


def show_ways_inside(run: Run) -> None:
    """From a finished run to its film, and to what it changed; from there to both models side by side."""
    with st.container(horizontal=True, key=f"ways-inside-{run.id}"):
        query = {state.RUN_PARAMETER: run.id}
        for label, page in WAYS.items():
            st.page_link(page, label=label, query_params=query, width="content")


def _model(base: ModelInfo) -> dict[str, str]:
    return {} if base.ref == BUNDLED else {state.MODEL_PARAMETER: base.ref}


def _held_out_text(run: Run) -> str | None:
    """A short one of the run's own, for its owner's eyes."""
    from bert_explorer.training.predictions import read_predictions
    from bert_explorer.ui.owner import current_owner

    owner = current_owner()
    if owner is None or not run.belongs_to(owner):
        return None
    try:
        rows = read_predictions(run_folder(run.id, get_settings()))
    except RunError:
        return None
    texts = [row.text for row in rows if 20 < len(row.text) <= MAX_LINK_CHARS]
    return texts[0] if texts else None
