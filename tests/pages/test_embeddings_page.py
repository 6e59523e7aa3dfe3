import io

import numpy as np
import pytest

from bert_explorer.analysis.maps import Map, map_rows
from bert_explorer.models.cache import open_model
from bert_explorer.results import Embeddings, Projection
from bert_explorer.ui import state
from bert_explorer.ui.embedding_questions import TokensQuestion
from bert_explorer.ui.embedding_views import vectors_file
from bert_explorer.ui.texts import embeddings as text
from tests.pages.conftest import OpenPage, press, texts_of


def test_the_example_maps_fifty_sentences_with_their_topics(open_page: OpenPage) -> None:
    page = open_page("embeddings")
    table = page.dataframe[0].value
    assert len(table) == 50
    assert sorted(set(table["Label"])) == ["food", "music", "space", "sport", "weather"]
    assert list(table["Row"]) == list(range(1, 51))


def test_own_texts_replace_the_example(open_page: OpenPage) -> None:
    page = open_page("embeddings")
    page.text_area(key=state.EMBED_TEXTS).set_value("the cat\nthe dog\n\nthe mat")
    page = press(page, "Map the texts")
    assert list(page.dataframe[0].value["Text"]) == ["the cat", "the dog", "the mat"]
    assert "Label" not in page.dataframe[0].value


@pytest.mark.parametrize(("method", "dimensions"), [("PCA", "3D"), ("t-SNE", "2D")])
def test_every_projection_is_drawn(method: str, dimensions: str, open_page: OpenPage) -> None:
    link = {state.EMBED_METHOD: method, state.EMBED_DIMENSIONS: dimensions, state.EMBED_LAYER: "1"}
    page = open_page("embeddings", link=link)
    assert [error.value for error in page.error] == []
    assert len(page.dataframe[0].value) == 50
    assert all(link[name] == value for name, value in page.query_params.items())
    assert "depth" in page.query_params


def test_tokens_of_one_text_are_points_in_their_order(open_page: OpenPage) -> None:
    sentence = "the cat sat on the mat"
    page = open_page(
        "embeddings", link={state.EMBED_SOURCE: text.ONE_TEXT, state.EMBED_TOKENS_TEXT: sentence}
    )
    with open_model("bundled") as engine:
        tokens = TokensQuestion(sentence, 2).ask(engine).items
    assert list(page.dataframe[0].value["Text"]) == list(tokens)


@pytest.mark.parametrize(("lines", "message"), [("", "no texts"), ("one\ntwo", "3")])
def test_too_few_texts_are_refused_in_words(lines: str, message: str, open_page: OpenPage) -> None:
    page = open_page("embeddings")
    page.text_area(key=state.EMBED_TEXTS).set_value(lines)
    page = press(page, "Map the texts")
    assert len(page.error) == 1
    assert message in page.error[0].value.replace("\\", "")
    assert "Something went wrong" not in texts_of(page)


def test_long_texts_stay_out_of_the_link(open_page: OpenPage) -> None:
    page = open_page("embeddings")
    long_texts = "\n".join(f"the cat sat on the mat {i}" for i in range(200))
    page.text_area(key=state.EMBED_TEXTS).set_value(long_texts)
    page = press(page, "Map the texts")
    assert len(page.dataframe[0].value) == 200
    assert state.EMBED_TEXTS not in page.query_params
    assert "too long for a link" in texts_of(page)


def test_an_upload_with_two_columns_is_mapped(open_page: OpenPage) -> None:
    page = open_page("embeddings", link={state.EMBED_SOURCE: text.UPLOAD})
    content = "label,text\n" + "".join(f"{'ab'[i % 2]},the cat sat {i}\n" for i in range(8))
    page = page.file_uploader(key=state.EMBED_FILE).upload("texts.csv", content.encode(), "text/csv").run()
    table = page.dataframe[0].value
    assert list(table["Label"]) == list("abababab")
    assert table["Text"][7] == "the cat sat 7"


def make_map() -> Map:
    vectors = np.arange(12, dtype=np.float32).reshape(3, 4)
    embeddings = Embeddings(vectors, ("a", "b", "c"), (0, 1, 2), 1, "mean")
    return Map(embeddings, Projection(vectors[:, :2], "pca", 0, (0.6, 0.2)), ("x", "", "y"), 3)


def test_files_hold_the_selected_rows_only() -> None:
    points = make_map()
    assert map_rows(points, [2, 0]) == [(3, "c", "y", "8", "9", ""), (1, "a", "x", "0", "1", "")]
    kept = np.load(io.BytesIO(vectors_file(points.embeddings.vectors, [2, 0])), allow_pickle=False)
    np.testing.assert_array_equal(kept, points.embeddings.vectors[[2, 0]])
