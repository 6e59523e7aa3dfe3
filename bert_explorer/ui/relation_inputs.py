"""Inputs of the page Heads and grammar: which treebank, and which way."""

import streamlit as st

from bert_explorer.settings import get_settings
from bert_explorer.ui import state
from bert_explorer.ui.head_questions import RelationsQuestion
from bert_explorer.ui.inputs import choice
from bert_explorer.ui.texts import relations as text


def ask_relations() -> RelationsQuestion | None:
    """Draw the inputs; None until there is a file. Raises DataError that names the line of a broken one."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        source = choice("Treebank", text.SOURCES, state.RELATIONS_SOURCE, width="content")
        if source == text.BUNDLED:
            counts = tuple(map(str, text.COUNTS))
            count = choice("Sentences", counts, state.RELATIONS_COUNT, width="content")
            return RelationsQuestion(int(count))
    return _ask_upload()


def _ask_upload() -> RelationsQuestion | None:
    limit_mb = get_settings().max_upload_bytes / 1e6
    upload = st.file_uploader(
        f"A treebank in CoNLL-U, up to {limit_mb:.0f} MB",
        key=state.RELATIONS_FILE,
        type=["conllu", "conll", "txt"],
    )
    if upload is None:
        st.caption(text.UPLOAD_NOTE)
        return None
    from bert_explorer.analysis.treebank import read_treebank

    sentences = read_treebank(upload.getvalue())
    return RelationsQuestion(len(sentences), sentences)


def choose_direction() -> int:
    """0 (forward) or 1 (reverse), as results.HeadRelations counts."""
    return text.DIRECTIONS.index(
        choice("Attention goes", text.DIRECTIONS, state.RELATIONS_DIRECTION, width="content")
    )
