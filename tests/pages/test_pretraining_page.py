from bert_explorer.analysis.restoration import restore_text
from bert_explorer.models.cache import open_model
from bert_explorer.results import Restoration
from bert_explorer.ui import state
from bert_explorer.ui.pretraining_game import count_hits, masked_places
from bert_explorer.ui.texts import pretraining as text
from tests.pages.conftest import OpenPage, press, texts_of

MASK_LABEL = "[MASK]"
SENTENCE = "the cat sat on the mat and looked at the dog"
GAME = {state.PRETRAIN_TEXT: SENTENCE, state.GAME_SHARE: "30", state.GAME_SEED: "3"}


def restoration() -> Restoration:
    with open_model("bundled") as engine:
        return restore_text(engine, SENTENCE, share=0.3, seed=3)


def test_a_round_is_won_by_typing_the_true_words_and_counts_once(open_page: OpenPage) -> None:
    page = open_page("pretraining", link=GAME)
    answer = restoration()
    hidden = [answer.truths[i].token for i in masked_places(answer)]
    assert len(hidden) >= 2
    boxes = [box for box in page.text_input if box.label.startswith(MASK_LABEL)]
    assert len(boxes) == len(hidden)
    assert not page.dataframe  # nothing is given away
    for box, word in zip(boxes, hidden, strict=True):
        box.set_value(word.upper())
    page = press(page, "Compare with BERT")
    _, model, _ = count_hits(answer, hidden)
    score = f"you {len(hidden)}, BERT {model}, of {len(hidden)} hidden tokens"
    assert score in texts_of(page)
    table = page.dataframe[0].value
    assert list(table["Token"]) == [truth.token for truth in answer.truths]
    assert list(table["Probability"]) == [truth.probability for truth in answer.truths]
    assert [word.casefold() for word in table["Your guess"] if word] == hidden
    assert score in texts_of(page.run())
    assert "rounds" not in texts_of(page)


def test_other_words_begin_another_round_with_empty_boxes(open_page: OpenPage) -> None:
    page = open_page("pretraining", link=GAME)
    page.text_input[0].set_value("mat")
    page = press(page, "Compare with BERT")
    page = press(page, "Hide other words")
    assert page.number_input(key=state.GAME_SEED).value == 4
    assert page.query_params[state.GAME_SEED] == "4"
    assert not page.dataframe
    assert next(box.value for box in page.text_input if box.label.startswith(MASK_LABEL)) == ""
    page = press(page, "Compare with BERT")
    assert "All 2 rounds" in texts_of(page)


def test_pairs_are_judged_and_counted_by_kind(open_page: OpenPage) -> None:
    story = "The cat sat on the mat. She said that. Paris is the capital of France."
    page = open_page("pretraining", link={state.PRETRAIN_TAB: text.PAIRS_TAB, state.PRETRAIN_TEXT: story})
    assert [metric.label for metric in page.metric] == list(text.KIND_NAMES.values())
    assert all(metric.value.endswith("of 2 right") for metric in page.metric)
    assert list(page.dataframe[0].value["Kind"]) == [*text.KIND_NAMES.values()] * 2


def test_one_sentence_makes_no_pairs(open_page: OpenPage) -> None:
    link = {state.PRETRAIN_TAB: text.PAIRS_TAB, state.PRETRAIN_TEXT: "only one sentence"}
    page = open_page("pretraining", link=link)
    assert "pairs need two or more" in page.error[0].value
