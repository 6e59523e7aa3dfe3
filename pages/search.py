"""Search: which text comes closest to this one?"""

from functools import partial

import streamlit as st

from bert_explorer.errors import EmptyTextError
from bert_explorer.results import Capability, ModelInfo
from bert_explorer.ui import state
from bert_explorer.ui.answers import answer, long_answer
from bert_explorer.ui.collections import TextCollection
from bert_explorer.ui.embedding_inputs import choose_layer
from bert_explorer.ui.embedding_questions import TextsQuestion
from bert_explorer.ui.explanations import show_explanation
from bert_explorer.ui.frame import show_heading
from bert_explorer.ui.guard import guard
from bert_explorer.ui.inputs import choice, text_box
from bert_explorer.ui.long_texts import note_long_texts
from bert_explorer.ui.model_bar import require_model
from bert_explorer.ui.search_views import Search, choose_count, search, show_search, show_search_files
from bert_explorer.ui.text_sources import ask_collection
from bert_explorer.ui.texts import similarity as text


def ask_query() -> str:
    with st.form("search-form", border=False):
        query = text_box("What to look for", text.SEARCH_QUERY, state.SEARCH_QUERY, lines=1)
        st.form_submit_button("Search", type="primary")
    return query


def find(model: ModelInfo, texts: TextCollection, query: str) -> Search | None:
    """What was found, or None while the model is being opened."""
    with st.container(horizontal=True, gap="medium"):
        layer = choose_layer(model)
        kind = choice("Vectors", text.VECTORS, state.SIMILAR_CENTRE, width="content", help=text.VECTORS_HELP)
        count = choose_count(texts)
    collection = long_answer("search", model.ref, TextsQuestion(texts.texts, layer), "Reading the texts")
    if collection is None:
        return None
    vector = answer("search query", model.ref, TextsQuestion((query,), layer), note=False)
    if vector is None:
        return None
    return search(texts, collection, vector, count, centre=kind == text.CENTRED, model=model.ref)


def show_page(model: ModelInfo) -> None:
    files, code = None, None
    with guard():
        query = ask_query()
        if not query.strip():
            raise EmptyTextError("There is nothing to look for. Type a word or a sentence.")
        texts = ask_collection("Where to look", "Use these texts")
        found = None if texts is None else find(model, texts, query)
        if texts is not None and found is not None:
            note_long_texts(model, texts.texts)
            code = found.code
            files = partial(show_search_files, found, show_search(found, model.ref))
    show_explanation(text.SEARCH_EXPLANATION, code=code, downloads=files)


show_heading(text.SEARCH_PAGE)
show_page(require_model(Capability.EMBEDDINGS))
