"""Similarity, Search and Groups: what they list is what the vectors say."""

import numpy as np
import pytest

from bert_explorer.analysis.clusters import Cluster
from bert_explorer.models.cache import open_model
from bert_explorer.ui import state
from bert_explorer.ui.cluster_views import group_rows
from bert_explorer.ui.collections import TextCollection
from bert_explorer.ui.embedding_questions import TextsQuestion
from bert_explorer.ui.similarity_views import Sentences, SimilarityMatrix, pair_rows
from bert_explorer.ui.texts import similarity as text
from tests.pages.conftest import OpenPage, press, texts_of

THREE = "the cat sat on the mat\nthe cat sat on a mat\nfree prize ! call now"


def vectors_of(texts: list[str], layer: int) -> np.ndarray:
    with open_model("bundled") as engine:
        return TextsQuestion(tuple(texts), layer).ask(engine).vectors


def test_the_most_similar_pair_comes_first(open_page: OpenPage) -> None:
    link = {state.SIMILAR_TEXTS: THREE, state.SIMILAR_CENTRE: text.RAW, state.EMBED_LAYER: "1"}
    page = open_page("similarity", link=link)
    pairs = page.dataframe[0].value
    assert len(pairs) == 3
    assert (pairs["First"][0], pairs["Second"][0]) == ("the cat sat on the mat", "the cat sat on a mat")
    first, second, _ = vectors_of(THREE.splitlines(), 1)
    cosine = first @ second / np.linalg.norm(first) / np.linalg.norm(second)
    assert pairs["Cosine"][0] == pytest.approx(float(cosine), abs=1e-3)


def test_two_lists_are_compared_across(open_page: OpenPage) -> None:
    link = {state.SIMILAR_TEXTS: THREE, state.SIMILAR_OTHERS: "the dog\na doctor"}
    page = open_page("similarity", link=link)
    assert len(page.dataframe[0].value) == 6
    assert set(page.dataframe[0].value["Second"]) == {"the dog", "a doctor"}


@pytest.mark.parametrize(
    ("rows", "message"), [("one", "fewer than two"), ("x\n" * 101, "at most 100"), ("", "fewer than two")]
)
def test_a_matrix_needs_two_sentences_and_few(rows: str, message: str, open_page: OpenPage) -> None:
    page = open_page("similarity")
    page.text_area(key=state.SIMILAR_TEXTS).set_value(rows)
    page = press(page, "Compare")
    assert message in page.error[0].value


def test_a_search_lists_the_nearest_and_its_words_add_up(open_page: OpenPage) -> None:
    link = {
        state.SEARCH_QUERY: "free prize",
        state.EMBED_TEXTS: THREE,
        state.SEARCH_COUNT: "2",
        state.SIMILAR_CENTRE: text.RAW,
    }
    page = open_page("search", link=link)
    assert [error.value for error in page.error] == []
    found = page.dataframe[0].value
    assert len(found) == 2
    vectors = vectors_of([*THREE.splitlines(), "free prize"], 2)
    cosines = vectors[:3] @ vectors[3] / np.linalg.norm(vectors[:3], axis=1) / np.linalg.norm(vectors[3])
    assert list(found["Row"]) == (np.argsort(-cosines)[:2] + 1).tolist()
    assert f"together the cosine, {cosines.max():.3f}" in texts_of(page)


def test_an_empty_query_is_refused(open_page: OpenPage) -> None:
    page = open_page("search")
    page.text_area(key=state.SEARCH_QUERY).set_value(" ")
    page = press(page, "Search")
    assert "nothing to look for" in page.error[0].value


@pytest.mark.parametrize("method", ["k-means", "HDBSCAN"])
def test_groups_are_described(method: str, open_page: OpenPage) -> None:
    page = open_page("clusters", link={state.CLUSTER_METHOD: method, state.CLUSTER_COUNT: "3"})
    assert [error.value for error in page.error] == []
    groups, points = (item.value for item in page.dataframe)
    assert groups["Texts"].sum() == len(points) == 50
    assert len(set(points["Label"])) == len(groups)
    if method == "k-means":
        assert list(groups["Group"]) == ["1", "2", "3"]
        assert all(groups["Distinctive words"])


def test_files_of_pairs_and_groups_hold_what_is_ticked() -> None:
    matrix = SimilarityMatrix(Sentences(("a", "b", "c"), None), np.array([[1, 0.25], [0.5, 1]]))
    assert pair_rows(matrix, [(1, 0)]) == [("0.500000", 2, 1, "b", "a")]
    groups = (Cluster(1, (2, 0), ()), Cluster(2, (1,), ()))
    texts = TextCollection(("x", "y", "z"))
    assert group_rows(groups[:1], texts) == [(1, 1, 3, "z"), (1, 2, 1, "x")]


def test_too_few_texts_for_groups(open_page: OpenPage) -> None:
    page = open_page("clusters")
    page.text_area(key=state.EMBED_TEXTS).set_value("one")
    page = press(page, "Group the texts")
    assert "nothing to group" in page.error[0].value or "not possible" in page.error[0].value
