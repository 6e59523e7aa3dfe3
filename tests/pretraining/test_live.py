"""A pretraining through the run store, from nothing and from a tiny BERT."""

import json
from pathlib import Path

import numpy as np
import pytest
from transformers import pipeline

from bert_explorer.errors import CapabilityError, DataError, InputError
from bert_explorer.pretraining.from_nothing import SPECIAL_TOKENS, learn_tokenizer
from bert_explorer.settings import Settings
from bert_explorer.training.acceptance import check_submission
from bert_explorer.training.config import FROM_NOTHING, FineTuneConfig
from bert_explorer.training.own_pretraining import own_pretraining
from bert_explorer.training.store import RunStore
from tests.tiny_models import build_tiny
from tests.training.in_process import Trained, train_here

GENERATOR = np.random.default_rng(0)
SUBJECTS, VERBS = ("The cat", "The dog", "A bird", "She"), ("sat on the mat", "ate the bread", "saw the sea")
TEXT = "\n".join(f"{GENERATOR.choice(SUBJECTS)} {GENERATOR.choice(VERBS)}." for _ in range(400))
CLOZE = ("The cat sat on the [MASK].", "A bird ate the [MASK].")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    settings = Settings(home=tmp_path_factory.mktemp("home"))
    return train_here(settings, "story.txt", TEXT.encode(), own_pretraining(FROM_NOTHING, 40, CLOZE))


def test_a_bert_from_nothing_learns_which_words_stand_together(small: Trained) -> None:
    metrics = small.metrics
    assert metrics["top1_before"] < 0.2 < metrics["commonest_word_top1"] + 0.15
    assert metrics["top1"] > metrics["commonest_word_top1"] + 0.15
    assert metrics["perplexity"] < metrics["perplexity_before"] / 5
    assert small.values("eval_top1")[-1] == metrics["top1"]


def test_the_answers_on_the_way_are_kept(small: Trained) -> None:
    history = json.loads(small.folder.cloze.read_text())
    assert [item["text"] for item in history["sentences"]] == list(CLOZE)
    assert history["checkpoints"][0]["step"] == 0
    assert len(history["checkpoints"]) >= 10
    last = [answer["top"][0][0] for answer in history["checkpoints"][-1]["answers"]]
    assert last == ["mat", "bread"]


def test_the_model_opens_with_plain_transformers(small: Trained) -> None:
    fill = pipeline("fill-mask", str(small.folder.model))
    assert fill(CLOZE[0])[0]["token_str"] == "mat"
    assert "The cat" not in (small.folder.model / "README.md").read_text()


def test_a_vocabulary_of_the_text_begins_with_the_special_tokens() -> None:
    tokenizer = learn_tokenizer(TEXT.splitlines())
    assert tokenizer.convert_ids_to_tokens(range(5)) == list(SPECIAL_TOKENS)
    assert tokenizer.tokenize("The CAT sat.") == ["the", "cat", "sat", "."]


def test_a_bert_is_trained_on_and_its_pairs_too(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    build_tiny("bert", settings.local_models_path / "tiny")
    lines = ["The cat sat on the mat.", "Paris is the capital of France."] * 40 + ["She said that."] * 30
    config = own_pretraining("local:tiny", 10, ("The cat sat on the [MASK].",))
    trained = train_here(settings, "more.txt", "\n".join(lines).encode(), config)
    assert trained.metrics["perplexity"] < trained.metrics["perplexity_before"]
    assert 0 < trained.metrics["num_held_out"] <= 16


def test_another_script_than_the_vocabulary_s_is_refused(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    build_tiny("bert", settings.local_models_path / "tiny")
    with pytest.raises(DataError, match="vocabulary: it was made for another script"):
        train_here(settings, "x.txt", ("猫はいた。" * 200).encode(), own_pretraining("local:tiny", 1))


def test_only_berts_with_a_head_for_words_are_trained_on(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    build_tiny("distilbert", settings.local_models_path / "other")
    store = RunStore(settings.resolved_database_url)
    with pytest.raises(CapabilityError, match="needs a BERT with a head for masked words"):
        check_submission("me", "a.txt", TEXT.encode(), own_pretraining("local:other"), store, settings)
    small = own_pretraining(FROM_NOTHING)
    assert check_submission("me", "a.txt", TEXT.encode(), small, store, settings).labels == ()
    store.close()


def test_sentences_to_answer_hold_one_mask() -> None:
    with pytest.raises(InputError, match="exactly once"):
        own_pretraining(FROM_NOTHING, 1, ("No mask here.",))
    with pytest.raises(InputError, match="at most 20"):
        own_pretraining(FROM_NOTHING, 1, ["A [MASK]."] * 21)
    config = own_pretraining(FROM_NOTHING, 1, CLOZE)
    assert FineTuneConfig.from_json(config.to_json()) == config
