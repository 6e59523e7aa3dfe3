"""The cloze sentences, by a second road: transformers' own fill-mask pipeline."""

from pathlib import Path

import pytest
from transformers import AutoTokenizer, BertForMaskedLM, BertForPreTraining, pipeline

from bert_explorer.errors import InputError
from bert_explorer.pretraining.cloze import NUM_ANSWERS, SENTENCES, Cloze, ClozeProbe, cloze_history
from bert_explorer.settings import load_settings

TINY_SENTENCES = (
    Cloze("the cat sat on the [MASK] .", "mat"),
    Cloze("paris is the [MASK] of france", "capital"),
)


def test_the_answers_are_those_of_the_fill_mask_pipeline(tiny_bert: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny_bert)
    model = BertForPreTraining.from_pretrained(tiny_bert).eval()
    fill_mask = pipeline("fill-mask", BertForMaskedLM.from_pretrained(tiny_bert), tokenizer=tokenizer)
    for item, answer in zip(TINY_SENTENCES, ClozeProbe(tokenizer, TINY_SENTENCES).answer(model), strict=True):
        everything = fill_mask(item.text, top_k=len(tokenizer))
        assert [word for word, _ in answer["top"]] == [best["token_str"] for best in everything[:NUM_ANSWERS]]
        assert answer["top"][0][1] == pytest.approx(everything[0]["score"], abs=1e-4)
        rank = [best["token_str"] for best in everything].index(item.expected)
        assert answer["rank"] == rank + 1
        assert answer["probability"] == pytest.approx(everything[rank]["score"], abs=1e-5)


@pytest.mark.parametrize(
    "item",
    [Cloze("no mask here", "cat"), Cloze("the [MASK] sat", "xylophone"), Cloze("the " * 200 + "[MASK]")],
)
def test_a_sentence_that_cannot_be_answered_is_refused(item: Cloze, tiny_bert: Path) -> None:
    with pytest.raises(InputError, match=r"one token|exactly once|tokens; at most"):
        ClozeProbe(AutoTokenizer.from_pretrained(tiny_bert), (item,))


def test_the_bundled_vocabulary_knows_every_expected_word() -> None:
    tokenizer = AutoTokenizer.from_pretrained(load_settings().bundled_model_path)
    assert {item.expected for item in SENTENCES} <= set(tokenizer.get_vocab())
    ClozeProbe(tokenizer)  # raises where a sentence cannot be answered


def test_the_history_holds_the_evaluations_only() -> None:
    answers = [{"top": [], "probability": 0.1, "rank": 3}]
    curve = [
        {"step": 0, "tokens": 0, "cloze": answers},
        {"step": 25, "tokens": 9, "loss": 1.0},
        {"step": 50, "tokens": 18, "cloze": answers},
    ]
    history = cloze_history(curve)
    assert [item["step"] for item in history["checkpoints"]] == [0, 50]
    assert history["sentences"][0] == {"text": SENTENCES[0].text, "expected": SENTENCES[0].expected}
