"""The pretraining game against plain transformers, which reads the same corrupted ids."""

import numpy as np
import pytest
import torch
from transformers import AutoTokenizer, BertForMaskedLM

from bert_explorer.analysis.restoration import KEPT, MASK, RANDOM, restore_text, word_range
from bert_explorer.errors import EmptyTextError, InputError
from bert_explorer.models.cache import open_model
from bert_explorer.settings import Settings

TEXT = "the cat sat on the mat and looked at the dog , she said that paris is the capital of france ."


def test_the_model_restores_what_plain_transformers_restores(settings: Settings) -> None:
    tokenizer = AutoTokenizer.from_pretrained(settings.bundled_model_path)
    model = BertForMaskedLM.from_pretrained(settings.bundled_model_path).eval()
    treatments = set()
    with open_model("bundled") as engine:
        for seed in range(12):
            answer = restore_text(engine, TEXT, share=0.3, seed=seed)
            corrupted = answer.corrupted
            treatments |= set(corrupted.treatments)
            ids = torch.tensor([tokenizer.convert_tokens_to_ids(list(corrupted.shown))])
            with torch.no_grad():
                log_probabilities = model(ids).logits[0].log_softmax(-1)
            for place, truth, guess in zip(corrupted.positions, answer.truths, answer.guesses, strict=True):
                row = log_probabilities[place]
                assert truth.token == corrupted.tokens.tokens[place]
                assert np.log(truth.probability) == pytest.approx(float(row[truth.token_id]), abs=1e-4)
                assert truth.rank == 1 + int((row > row[truth.token_id]).sum())
                assert guess.token_id == int(row.argmax())
    assert treatments == {MASK, RANDOM, KEPT}


@pytest.mark.usefixtures("settings")
def test_what_is_shown_follows_from_what_was_done() -> None:
    with open_model("bundled") as engine:
        answer = restore_text(engine, TEXT, share=0.15, seed=5).corrupted
        assert answer.shown == restore_text(engine, TEXT, share=0.15, seed=5).corrupted.shown
        mask = engine.info.mask_token
    num_words = int((~answer.tokens.is_special).sum())
    assert len(answer.positions) == round(0.15 * num_words)
    for place, treatment in zip(answer.positions, answer.treatments, strict=True):
        true, shown = answer.tokens.tokens[place], answer.shown[place]
        assert {MASK: shown == mask, RANDOM: shown not in (true, mask), KEPT: shown == true}[treatment]
    others = set(range(len(answer.tokens))) - set(answer.positions)
    assert all(answer.shown[i] == answer.tokens.tokens[i] for i in others)
    assert answer.shown[0] == "[CLS]"


@pytest.mark.usefixtures("settings")
def test_a_text_of_special_tokens_alone_has_nothing_to_hide() -> None:
    with open_model("bundled") as engine, pytest.raises(EmptyTextError, match="no word"):
        restore_text(engine, "[MASK] [SEP]")


@pytest.mark.usefixtures("settings")
def test_as_many_tokens_must_be_shown_as_are_chosen() -> None:
    with open_model("bundled") as engine:
        with pytest.raises(InputError, match="2 tokens are chosen and 1"):
            engine.restore_corrupted(TEXT, positions=(1, 2), shown=(5,))
        with pytest.raises(InputError, match="no token 100"):
            engine.restore_corrupted(TEXT, positions=(100,), shown=(5,))
        with pytest.raises(InputError, match="no token 999999"):
            engine.restore_corrupted(TEXT, positions=(1,), shown=(999_999,))


def test_special_ids_lie_at_either_end_of_a_vocabulary() -> None:
    assert word_range(frozenset({0, 100, 103}), 30_522) == (104, 30_522)
    assert word_range(frozenset({0, 1, 2, 3, 50_264}), 50_265) == (4, 50_264)
    assert word_range(frozenset(), 10) == (0, 10)
