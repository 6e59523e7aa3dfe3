"""The page Search: what was found, and the words that carry one match."""

from dataclasses import dataclass

import streamlit as st

from bert_explorer.analysis.similarity import Carried, Match, collection_mean, find_nearest
from bert_explorer.results import Embeddings, FloatArray
from bert_explorer.ui import state
from bert_explorer.ui.answers import remember
from bert_explorer.ui.collections import TextCollection
from bert_explorer.ui.components.token_strip import StripToken, token_strip
from bert_explorer.ui.downloads import show_table_download
from bert_explorer.ui.embedding_questions import TextsQuestion
from bert_explorer.ui.embedding_views import show_vectors_download
from bert_explorer.ui.inputs import number_slider
from bert_explorer.ui.opening import is_open
from bert_explorer.ui.selections import show_attention_link, show_rows
from bert_explorer.ui.similarity_code import search_code

MAX_FOUND = 200


@dataclass(frozen=True)
class Search:
    """A query over a collection, and what was found."""

    texts: TextCollection
    embeddings: Embeddings
    query: FloatArray  # (hidden_size,) before the mean is subtracted
    mean: FloatArray  # (hidden_size,)
    matches: tuple[Match, ...]
    code: str = ""  # the same as a program


def choose_count(texts: TextCollection) -> int:
    highest = min(MAX_FOUND, len(texts.texts))
    with st.container(width=220):
        return number_slider("Texts to find", 1, highest, 10, state.SEARCH_COUNT)


def search(
    texts: TextCollection,
    embeddings: Embeddings,
    query: Embeddings,
    count: int,
    *,
    centre: bool,
    model: str,
) -> Search:
    """The nearest texts by cosine. Raises InputError for vectors that are not finite."""
    vector = query.vectors[0]
    matches = find_nearest(vector, embeddings.vectors, count, centre=centre)
    mean = collection_mean(embeddings.vectors, centre=centre)
    question = TextsQuestion(texts.texts, embeddings.layer)
    code = search_code(question, query.items[0], model, count=count, centre=centre)
    return Search(texts, embeddings, vector, mean, tuple(matches), code)


def show_search(found: Search, model: str) -> list[int]:
    """The table of matches and the words of the one that is ticked; returns the rows found or ticked."""
    rows = [match.row for match in found.matches]
    table: dict[str, list[object]] = {"Cosine": [match.cosine for match in found.matches]}
    table["Row"] = [row + 1 for row in rows]
    if found.texts.labels is not None:
        table["Label"] = [found.texts.labels[row] for row in rows]
    table["Text"] = [found.texts.texts[row] for row in rows]
    ticked = show_rows(table, rows, key=f"found-{hash(tuple(rows))}", height="content")
    shown = next(match for match in found.matches if match.row == (ticked or rows)[0])
    _show_carried(found, shown, model)
    show_attention_link(found.texts.texts[shown.row], model)
    return ticked or rows


def _show_carried(found: Search, match: Match, model: str) -> None:
    """Words of one text, coloured by what they add to its cosine."""
    text = found.texts.texts[match.row]
    st.markdown(f"**The words that carry match {match.rank}.** Tick another line to see its words.")
    if not is_open(model):
        st.caption("They are shown as soon as the model is open.")
        return

    def explain() -> Carried:
        from bert_explorer.analysis.similarity import explain_match
        from bert_explorer.models.cache import open_model

        with open_model(model) as engine:
            return explain_match(engine, found.query, text, layer=found.embeddings.layer, mean=found.mean)

    asked = (model, text, found.embeddings.layer, found.query.tobytes(), found.mean.tobytes())
    carried = remember("carried words", asked, explain)
    largest = max(map(abs, carried.parts), default=1.0) or 1.0
    token_strip(
        [
            StripToken(
                word,
                value=part / largest,
                number=f"{part:+.3f}",
                lines=(f"{part:+.4f} of {carried.cosine:.4f}",),
            )
            for word, part in zip(carried.words, carried.parts, strict=True)
        ],
        label="Words of the text, with what each adds to the cosine",
        key="carried-strip",
        select="none",
    )
    st.caption(
        f"The words add {sum(carried.parts):.3f}, [CLS] and [SEP] {carried.special:.3f}: together the "
        f"cosine, {carried.cosine:.3f}."
    )


def show_search_files(found: Search, rows: list[int]) -> None:
    cosines = {match.row: match.cosine for match in found.matches}
    labels = found.texts.labels or ("",) * len(found.texts.texts)
    with st.container(horizontal=True):
        show_table_download(
            "search",
            ("row", "cosine", "label", "text"),
            lambda: [(row + 1, f"{cosines[row]:.6f}", labels[row], found.texts.texts[row]) for row in rows],
        )
        show_vectors_download(found.embeddings.vectors, rows, "search")
