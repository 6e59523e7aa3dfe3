"""Texts and vectors that give nothing to draw, or too much: a clear message or a sound result."""

import io

import numpy as np
import pytest

from bert_explorer.ui import state
from bert_explorer.ui.texts import embeddings as text
from tests.pages.conftest import OpenPage, texts_of

MB = 1_000_000


def npy(rows: list[list[float]]) -> bytes:
    file = io.BytesIO()
    np.save(file, np.array(rows, dtype=np.float32))
    return file.getvalue()


@pytest.mark.parametrize(
    ("method", "lines", "message"),
    [
        ("PCA", "one", "at least 3"),
        ("PCA", "the cat\nthe cat\nthe cat", "All 3 vectors are equal"),
        ("t-SNE", "the cat\nthe cat\nthe cat\nthe cat", "All 4 vectors are equal"),
    ],
)
def test_what_cannot_be_drawn_is_said(method: str, lines: str, message: str, open_page: OpenPage) -> None:
    page = open_page("embeddings", link={state.EMBED_METHOD: method, state.EMBED_TEXTS: lines})
    assert len(page.error) == 1
    assert message in page.error[0].value.replace("\\", "")
    assert "Something went wrong" not in texts_of(page)


@pytest.mark.parametrize("points", text.POINTS)
@pytest.mark.parametrize("method", ["PCA", "t-SNE"])
def test_few_texts_without_words_are_drawn(method: str, points: str, open_page: OpenPage) -> None:
    """Fewer rows than t-SNE's perplexity, and nothing but signs in them."""
    link = {state.EMBED_METHOD: method, state.EMBED_POINTS: points, state.EMBED_TEXTS: "!!!\n. . .\n;\n?"}
    page = open_page("embeddings", link=link)
    assert [error.value for error in page.error] == []
    assert len(page.dataframe[0].value) >= 4


def test_long_texts_are_read_in_windows_and_the_page_says_so(open_page: OpenPage) -> None:
    """The tiny model reads 128 tokens; the vectors are those of the windows, joined."""
    lines = "\n".join(["the cat sat " * 60, "the dog", "a doctor"])
    page = open_page("embeddings", link={state.EMBED_TEXTS: lines})
    assert [error.value for error in page.error] == []
    assert "1 of 3 texts have more than 128 tokens. They were read in windows" in texts_of(page)
    assert len(page.dataframe[0].value) == 3


def test_words_of_long_texts_are_cut_and_the_page_says_that(open_page: OpenPage) -> None:
    lines = "\n".join(["the cat sat " * 60, "the dog", "a doctor"])
    page = open_page("embeddings", link={state.EMBED_TEXTS: lines, state.EMBED_POINTS: text.WORDS})
    assert "1 of 3 texts have more than 128 tokens. Only so many were read." in texts_of(page)
    assert len(page.dataframe[0].value) == 126 + 4


@pytest.mark.parametrize("name", ["search", "clusters", "layer_film", "similarity"])
def test_every_page_says_what_it_read_in_windows(name: str, open_page: OpenPage) -> None:
    lines = "\n".join(["the cat sat " * 60, "the dog", "a doctor"])
    key = state.SIMILAR_TEXTS if name == "similarity" else state.EMBED_TEXTS
    page = open_page(name, link={key: lines, state.CLUSTER_COUNT: "2"})
    assert [error.value for error in page.error] == []
    assert "1 of 3 texts have more than 128 tokens. They were read in windows" in texts_of(page)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("nan.npy", npy([[1, 2], [float("nan"), 1], [float("inf"), 1]]), "2 of 3 vectors hold values"),
        ("two.npy", npy([[1, 2], [2, 1]]), "at least 3 rows"),
        ("none.npy", b"", "no .npy file"),
    ],
)
def test_vectors_that_cannot_be_drawn(name: str, content: bytes, message: str, open_page: OpenPage) -> None:
    page = open_page("embeddings", link={state.EMBED_SOURCE: text.VECTORS})
    page = page.file_uploader(key=state.VECTORS_FILE).upload(name, content, "application/octet-stream").run()
    assert len(page.error) == 1
    assert message in page.error[0].value.replace("\\", "")


@pytest.mark.parametrize("name", ["cell.txt", "cell.csv"])
def test_a_cell_of_ten_megabytes_is_refused_in_words(name: str, open_page: OpenPage) -> None:
    rows = ["label,text", "a,the cat", "b,the dog", "a," + "the " * (10 * MB // 4), "b,a doctor"]
    page = open_page("embeddings", link={state.EMBED_SOURCE: text.UPLOAD})
    content = "\n".join(rows).encode()  # a .txt has one text a line, commas or not
    page = page.file_uploader(key=state.EMBED_FILE).upload(name, content, "text/plain").run()
    assert len(page.error) == 1
    assert "200,000" in page.error[0].value.replace("\\", "")
    assert "Something went wrong" not in texts_of(page)
