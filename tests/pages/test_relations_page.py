from dataclasses import replace

import numpy as np
import pytest

from bert_explorer.analysis.relations import FORWARD, REVERSE, find_best_head
from bert_explorer.analysis.treebank import read_treebank
from bert_explorer.models.cache import open_model
from bert_explorer.results import HeadRelations
from bert_explorer.settings import Settings
from bert_explorer.ui import opening, state
from bert_explorer.ui.head_questions import RelationsQuestion
from bert_explorer.ui.relation_views import is_published, published_rows, relation_rows
from bert_explorer.ui.texts import relations as text
from tests.analysis.test_treebank import row
from tests.hostile import SCRIPTS
from tests.pages.conftest import OpenPage, texts_of
from tests.tiny_models import build_tiny

HOSTILE = "<img src=x onerror=alert(1)>"
LINES = [
    row("1", "the", "2", "det"),
    row("2", "cat", "3", "nsubj"),
    row("3", "sat", "0", "root"),
    "",
    row("1", "the", "2", "det"),
    row("2", HOSTILE, "3", HOSTILE),
    row("3", "sat", "0", "root"),
]


def upload(page, content: str):
    page.file_uploader(key=state.RELATIONS_FILE).set_value(("own.conllu", content.encode(), "text/plain"))
    return page.run()


@pytest.mark.parametrize(("name", "direction"), [(text.FORWARD, FORWARD), (text.REVERSE, REVERSE)])
def test_an_uploaded_treebank_has_its_table_of_best_heads(
    name: str, direction: int, open_page: OpenPage
) -> None:
    link = {state.RELATIONS_SOURCE: text.UPLOAD, state.RELATIONS_DIRECTION: name}
    page = upload(open_page("relations", link=link), "\n".join(LINES))
    sentences = read_treebank("\n".join(LINES).encode())
    with open_model("bundled") as engine:
        found = RelationsQuestion(2, sentences).ask(engine)
    best = find_best_head(found, 0, direction)
    table = page.dataframe[0].value
    assert list(table["Relation"]) == list(found.relations)
    assert table["Head"][0] == f"{best.layer + 1}-{best.head + 1}"
    assert table["Right"][0] == pytest.approx(100 * best.accuracy)
    assert (table["Cases"][0], table["by"][0]) == (2, "+1")
    assert [error.value for error in page.error] == []
    assert len(list(relation_rows(found))) == 2 * len(found.relations) * 4


def test_words_of_any_script_are_asked(open_page: OpenPage) -> None:
    words = [word for text in SCRIPTS for word in text.split()]
    lines = [row(str(i), word, str(i + 1), "flat") for i, word in enumerate(words, start=1)]
    lines.append(row(str(len(words) + 1), "end", "0", "root"))
    page = upload(open_page("relations", link={state.RELATIONS_SOURCE: text.UPLOAD}), "\n".join(lines))
    assert [error.value for error in page.error] == []
    assert list(page.dataframe[0].value["Cases"]) == [len(words)]


def test_a_broken_treebank_is_refused_with_its_line(open_page: OpenPage) -> None:
    page = open_page("relations", link={state.RELATIONS_SOURCE: text.UPLOAD})
    assert text.UPLOAD_NOTE in texts_of(page)
    page = upload(page, "\n".join([*LINES[:4], "1\tthe\tdet"]))
    assert "Line 5" in page.error[0].value
    assert "Something went wrong" not in texts_of(page)


def test_the_bundled_treebank_is_read_for_any_model(open_page: OpenPage) -> None:
    page = open_page("relations")
    assert [error.value for error in page.error] == []
    assert "that do not fit into the model" in texts_of(page)  # its words are letters to the tiny BERT
    assert "det" in set(page.dataframe[0].value["Relation"])
    assert text.CLARK_NOTE not in texts_of(page)


def test_the_published_table_stands_beside_the_model_that_it_is_about(
    open_page: OpenPage, settings: Settings
) -> None:
    heads = {"num_hidden_layers": 12, "num_attention_heads": 12, "hidden_size": 24}
    build_tiny("bert", settings.local_models_path / text.CLARK_MODEL, **heads)
    opening.open_now(f"local:{text.CLARK_MODEL}")
    page = open_page("relations", link={state.MODEL_PARAMETER: f"local:{text.CLARK_MODEL}"})
    assert text.CLARK_NOTE in texts_of(page)
    published = page.dataframe[1].value
    assert "8-10" in set(published["Head "])
    assert "86.8 %" in set(published["Right "])


def test_the_published_table_stands_beside_no_other_model(settings: Settings) -> None:
    assert settings.offline
    with open_model("bundled") as engine:
        base = replace(engine.info, ref=f"google-bert/{text.CLARK_MODEL}", num_layers=12, num_heads=12)
    assert is_published(base)
    assert is_published(replace(base, ref=f"local:{text.CLARK_MODEL}"))
    for ref in (
        f"me/{text.CLARK_MODEL}-finetuned",
        f"distil{text.CLARK_MODEL}",
        f"local:my-{text.CLARK_MODEL}",
    ):
        assert not is_published(replace(base, ref=ref))
    assert not is_published(replace(base, num_layers=6))


def test_prepositions_are_asked_for_their_objects() -> None:
    """Of two heads the first is right forward, from the preposition; the second the other way."""
    found = HeadRelations(
        relations=("case",),
        counts=np.array([4]),
        hits=np.array([[[[3, 1]]], [[[0, 4]]]]),
        offsets=np.array([2]),
        offset_hits=np.array([2]),
        num_sentences=4,
        num_skipped=0,
    )
    ((line, name, here),) = published_rows(found)
    assert (line.head, name, here.accuracy) == ("9-6", "1-1", 0.75)
