from bert_explorer.analysis.restoration import restore_text
from bert_explorer.models.cache import open_model
from bert_explorer.results import Restoration
from bert_explorer.settings import Settings
from bert_explorer.training.config import FROM_NOTHING, MASKED_WORDS
from bert_explorer.training.own_pretraining import own_pretraining
from bert_explorer.training.queue import RunQueue
from bert_explorer.training.run_folder import run_folder
from bert_explorer.ui import state
from bert_explorer.ui.pretraining_game import count_hits, masked_places
from bert_explorer.ui.texts import own_pretraining as own_text
from bert_explorer.ui.texts import pretraining as text
from bert_explorer.ui.texts import what_moved
from tests.pages.conftest import OWNER, OpenPage, press, texts_of
from tests.tiny_models import build_tiny
from tests.training.in_process import train_here

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


def test_a_small_bert_is_sent_to_the_queue_with_the_readers_sentences(
    open_page: OpenPage, run_queue: RunQueue
) -> None:
    page = open_page("pretraining", link={state.PRETRAIN_TAB: text.OWN_TAB, state.OWN_PASSES: "7"})
    boxes = {box.label: box for box in page.text_area}
    boxes["Sentences to answer on the way"].set_value("I [MASK] it.\n\nYou [MASK] me.")
    page = press(page, "Start training")
    [run] = run_queue.store.list(OWNER)
    assert (run.config.model, run.config.task, run.config.epochs) == (FROM_NOTHING, MASKED_WORDS, 7)
    assert run.config.cloze == ("I [MASK] it.", "You [MASK] me.")
    assert "pretrain text everyday_sentences.txt" in page.code[0].value
    assert any("Small BERT" in option for option in page.selectbox(key=state.OWN_RUN).options)


def test_too_little_text_says_so_and_nothing_is_lost(open_page: OpenPage, run_queue: RunQueue) -> None:
    link = {state.PRETRAIN_TAB: text.OWN_TAB, state.OWN_SOURCE: own_text.OWN}
    page = open_page("pretraining", link=link)
    box = next(box for box in page.text_area if box.label == "Paste a text")
    page = box.set_value("Too short. Really.").run()
    assert "The text has 3 words" in page.error[0].value
    assert next(box for box in page.text_area if box.label == "Paste a text").value == "Too short. Really."
    assert not run_queue.store.list(OWNER)


def test_a_finished_pretraining_shows_before_and_after(
    open_page: OpenPage, run_queue: RunQueue, settings: Settings
) -> None:
    story = "\n".join(["The cat sat on the mat.", "She said that to the old man."] * 60)
    trained = train_here(
        settings, "story.txt", story.encode(), own_pretraining(FROM_NOTHING, 3, ("The [MASK] sat.",)), OWNER
    )
    page = open_page("pretraining", link={state.PRETRAIN_TAB: text.OWN_TAB})
    values = {metric.label: metric.value for metric in page.metric}
    assert values["Hidden words right"] == f"{trained.metrics['top1']:.1%}"
    answers = page.dataframe[0].value
    assert list(answers["Sentence"]) == ["The [MASK] sat."]
    assert run_queue.store.get(trained.run.id).state == "finished"


def test_results_stay_calm_while_the_model_before_is_gone(
    open_page: OpenPage, run_queue: RunQueue, settings: Settings
) -> None:
    names = ("top1", "top1_before", "commonest_word_top1", "perplexity", "perplexity_before")
    metrics = dict.fromkeys(names, 0.5) | dict.fromkeys(("num_masks", "num_held_out", "num_tokens"), 40)
    store, config = run_queue.store, own_pretraining("local:my_old_model", 3)
    run = store.create(owner=OWNER, name="further", filename="story.txt", config=config)
    assert store.claim_next(1, only=run.id)
    assert store.finish(run.id, metrics)
    build_tiny("bert", run_folder(run.id, settings).model)
    link = {state.PRETRAIN_TAB: text.OWN_TAB}
    page = open_page("pretraining", link=link)
    assert not page.error
    assert "'local\\:my\\_old\\_model', cannot be opened" in texts_of(page)
    assert what_moved.BESIDE not in texts_of(page)
    build_tiny("bert", settings.local_models_path / "my_old_model")
    page = open_page("pretraining", link=link)
    assert not page.error
    assert "cannot be opened" not in texts_of(page)
    assert what_moved.BESIDE in texts_of(page)
