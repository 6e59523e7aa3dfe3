"""The page Sentence scores: what it shows is what the library says."""

import numpy as np
import pytest

from bert_explorer.analysis.calibration import measure_calibration
from bert_explorer.analysis.minimal_pairs import MinimalPair
from bert_explorer.analysis.pseudo_likelihood import score_text
from bert_explorer.models.cache import open_model
from bert_explorer.ui import sentence_inputs, state
from bert_explorer.ui.texts import sentence_scores as text
from tests.pages.conftest import OpenPage, press, texts_of
from tests.strip_clicks import find_strip

SENTENCE = "the xyl sat on the mat ."


def test_each_token_is_coloured_by_its_surprisal(open_page: OpenPage) -> None:
    page = open_page("sentence_scores", link={state.SCORE_TEXT: SENTENCE})
    with open_model("bundled") as engine:
        expected = score_text(engine, SENTENCE)
    strip = find_strip(page, state.SCORE_STRIP)
    assert strip["select"] == "none"
    assert [token["label"] for token in strip["tokens"]] == [*expected.tokens]
    assert [token["number"] for token in strip["tokens"]] == [
        f"{bits:.1f}" for bits in expected.surprisal_bits
    ]
    values = [token["value"] for token in strip["tokens"]]
    assert np.argsort(values).tolist() == np.argsort(np.minimum(expected.surprisal_bits, 14)).tolist()
    assert f"rank {expected.ranks[0]:,}" in strip["tokens"][0]["lines"][1]
    assert page.metric[0].value == f"{expected.pseudo_log_likelihood:.2f}"
    assert page.metric[1].value == f"{expected.pseudo_perplexity:.2f}"
    assert list(page.dataframe[0].value["Bits"]) == pytest.approx(expected.surprisal_bits.tolist(), abs=1e-4)


def test_whole_words_are_the_sum_of_their_chain(open_page: OpenPage) -> None:
    link = {state.SCORE_TEXT: SENTENCE, state.SCORE_BY: text.WORDS}
    page = open_page("sentence_scores", link=link)
    with open_model("bundled") as engine:
        expected = score_text(engine, SENTENCE)
    tokens = find_strip(page, state.SCORE_STRIP)["tokens"]
    assert [token["label"] for token in tokens] == ["the", "xyl", "sat", "on", "the", "mat", "."]
    assert tokens[1]["number"] == f"{-expected.left_to_right[1:4].sum() / np.log(2):.1f}"
    assert tokens[1]["lines"][1] == "3 pieces: x + ##y + ##l"
    assert dict(page.query_params) == link


@pytest.mark.parametrize(
    ("sentence", "message"),
    [
        ("", "empty"),
        ("\u200b", "nothing that the model can read"),
        ("the [MASK] sat", "has a mask"),
        ("word " * 3_000, "at most 3,000"),
    ],
)
def test_texts_that_cannot_be_scored(sentence: str, message: str, open_page: OpenPage) -> None:
    page = open_page("sentence_scores", link={state.SCORE_TEXT: "the cat"})
    page.text_area(key=state.SCORE_TEXT).set_value(sentence)
    page = press(page, "Score")
    assert message in page.error[0].value.replace("\\", "")
    assert text.SCORE.seeing in texts_of(page)


def test_a_text_over_the_limit_is_read_in_windows(open_page: OpenPage) -> None:
    page = open_page("sentence_scores", link={state.SCORE_TEXT: "the cat sat on the mat . " * 30})
    assert page.error == []
    assert "windows that overlap" in texts_of(page)
    assert len(find_strip(page, state.SCORE_STRIP)["tokens"]) == 210


def test_a_list_is_ranked_by_its_weight(open_page: OpenPage) -> None:
    sentences = "-1\tthe cat sat\n-9\twe are going to see a doctor"
    link = {
        state.SCORE_TAB: text.SEVERAL,
        state.SCORE_SENTENCES: sentences,
        state.SCORE_WEIGHT: "0.0",
    }
    page = open_page("sentence_scores", link=link)
    assert list(page.dataframe[0].value["Was"]) == [1, 2]
    assert list(page.dataframe[0].value["Total"]) == [-1, -9]
    page = page.slider(key=state.SCORE_WEIGHT).set_value(1.0).run()
    with open_model("bundled") as engine:
        scores = {
            line: score_text(engine, line.split("\t")[1]).pseudo_log_likelihood
            for line in sentences.split("\n")
        }
    assert sorted(page.dataframe[0].value["Total"]) == pytest.approx(sorted(scores.values()), abs=1e-3)


def test_a_ragged_list_names_its_line(open_page: OpenPage) -> None:
    link = {state.SCORE_TAB: text.SEVERAL, state.SCORE_SENTENCES: "-1\ta cat\na dog"}
    page = open_page("sentence_scores", link=link)
    assert "Line 2" in page.error[0].value.replace("\\", "")


def test_pairs_are_judged_when_asked(open_page: OpenPage) -> None:
    pairs = "the cat sat .\tthe cat cat .\nwe are going\twe is going"
    link = {state.SCORE_TAB: text.PAIRS, state.PAIRS_TEXT: pairs}
    page = open_page("sentence_scores", link=link)
    assert len(page.dataframe) == 0
    page = press(page, "Judge the pairs")
    assert "of 2 pairs are right" in texts_of(page)
    assert "Stop" not in [button.label for button in page.button]
    assert list(page.dataframe[0].value["Phenomenon"]) == ["your pairs"]
    assert set(page.dataframe[1].value["Right sentence"]) == {"the cat sat .", "we are going"}
    assert page.code[0].value.startswith("from bert_explorer.analysis.minimal_pairs import")
    linked = dict(page.query_params)
    assert {name: linked[name] for name in link} == link
    assert "pairs are right" in texts_of(page.run())
    again = open_page("sentence_scores", link=linked)
    assert "of 2 pairs are right" in texts_of(again)
    again.text_area(key=state.PAIRS_TEXT).set_value(pairs + "\nthe cat\tcat the")
    assert "pairs are right" not in texts_of(again.run())


def test_masks_in_both_halves_are_refused(open_page: OpenPage) -> None:
    link = {state.SCORE_TAB: text.PAIRS, state.PAIRS_TEXT: "the [MASK] sat\ta [MASK] sat"}
    page = press(open_page("sentence_scores", link=link), "Judge the pairs")
    assert "has a mask" in page.error[0].value.replace("\\", "")


def test_the_bench_is_run_from_the_bundled_file(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    few = (MinimalPair("verbs", "we are going", "we is going"),)
    monkeypatch.setattr("bert_explorer.analysis.minimal_pairs.read_bench", lambda _settings: few)
    page = open_page("sentence_scores", link={state.SCORE_TAB: text.PAIRS, state.PAIRS_SOURCE: text.BENCH})
    page = press(page, "Judge the pairs")
    assert list(page.dataframe[0].value["Phenomenon"]) == ["verbs"]


def test_the_opening_example_has_a_stored_answer(open_page: OpenPage) -> None:
    page = open_page("sentence_scores", owner=None)
    assert page.text_area(key=state.SCORE_TEXT).value == sentence_inputs.FIRST
    assert len(find_strip(page, state.SCORE_STRIP)["tokens"]) > 5


def test_calibration_is_measured_on_the_bundled_sentences(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    sentences = ("the cat sat on the mat .", "we are going to see a doctor")
    monkeypatch.setattr("bert_explorer.analysis.calibration.read_held_out", lambda _settings: sentences)
    page = open_page("calibration")
    with open_model("bundled") as engine:
        expected = measure_calibration(engine, sentences)
    assert page.metric[0].value == "4"
    assert page.metric[3].value == f"{100 * expected.expected_error:.1f} %"
    assert list(page.dataframe[0].value["Guesses"]) == [item.count for item in expected.bins]


def test_calibration_opens_with_what_was_stored(open_page: OpenPage) -> None:
    page = open_page("calibration", owner=None)
    assert page.metric[0].value == "600"
