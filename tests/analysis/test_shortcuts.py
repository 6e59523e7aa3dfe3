"""Words of classes and shortcuts, on a model that keys on one word by construction."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from bert_explorer.analysis import shortcuts
from bert_explorer.analysis.attributions import GRADIENT, INTEGRATED, OCCLUSION
from bert_explorer.analysis.class_words import summarize_classes
from bert_explorer.analysis.predictions import NUMBER, ordinary_words
from bert_explorer.analysis.shortcuts import cut_word, find_shortcuts, spread
from bert_explorer.errors import CapabilityError, InputError
from bert_explorer.models.cache import open_model
from bert_explorer.models.evidence_requests import EditedCopiesRequest
from bert_explorer.models.requests import ClassLogitsRequest
from bert_explorer.results import Capability, ModelInfo, Tokens
from bert_explorer.settings import Settings
from tests.tiny_models import build_tiny

SPAM = ("Free prize, call now", "win a free prize today", "call now and win", "free entry now")
HAM = ("see you at home", "are you at home now", "the free evening was nice, see you")
TEXTS = [(text, None) for text in (*SPAM, *HAM)]


class KeyedEngine:
    """The logit of spam is 2 for "free", 1 for "call" and -3 for "you"; that of ham is 0.5."""

    info = ModelInfo(
        "local:keyed", "keyed", "bert", 1, 1, 1, 10, 128, 1, 1,
        frozenset({Capability.SEQUENCE_CLASSIFICATION}), ("ham", "spam"), "[MASK]",
    )  # fmt: skip
    max_batch_tokens = 100
    worth: ClassVar = {"free": 2.0, "call": 1.0, "you": -3.0}

    def tokenize(self, text: str, pair: str | None = None, *, truncate: bool = False) -> Tokens:
        assert pair is None
        assert truncate
        spaced = text.replace(",", " ,")
        names, offsets, start = ["[CLS]"], [(0, 0)], 0
        for word in spaced.split():
            begin = text.index(word, start)
            start = begin + len(word)
            names.append(word)
            offsets.append((begin, start))
        count = len(names) - 1
        return Tokens(
            text, None, (*names, "[SEP]"), np.arange(count + 2), (None, *range(count), None),
            (None, *[0] * count, None), np.array([*offsets, (0, 0)]),
        )  # fmt: skip

    def spam(self, words: Iterable[str]) -> float:
        return sum(self.worth.get(word, 0.0) for word in {word.casefold() for word in words})

    def map(self, requests: Iterable[Any], *, window: int = 1) -> Iterator[np.ndarray]:
        assert window
        for request in requests:
            names = self.tokenize(request.text, truncate=True).tokens
            if isinstance(request, ClassLogitsRequest):
                yield np.array([0.5, self.spam(names)])
            else:
                assert isinstance(request, EditedCopiesRequest)
                sign = 1 if request.target.index == 1 else -1
                kept = [[n for i, n in enumerate(names) if i not in edit.hidden] for edit in request.edits]
                yield np.array([sign * (self.spam(words) - 0.5) for words in kept])


def test_words_of_each_class_by_hand() -> None:
    done: list[tuple[int, int]] = []
    found = summarize_classes(
        KeyedEngine(),
        TEXTS,
        progress=lambda *counts: done.append(counts),  # type: ignore[arg-type]
    )
    assert done == [(number + 1, 7) for number in range(7)]
    assert [(item.label, item.num_texts) for item in found.classes] == [("ham", 3), ("spam", 4)]
    ham, spam = ({word.word: word for word in item.words} for item in found.classes)
    assert found.classes[0].words[0].word == "you"
    assert (ham["you"].mean, ham["you"].count, ham["you"].num_texts) == (3, 3, 3)
    assert found.classes[1].words[0].word == "free"
    assert (spam["free"].mean, spam["free"].count) == (2, 3)
    assert (spam["call"].mean, spam["now"].mean, spam["now"].count) == (1, 0, 3)
    assert "entry" not in spam  # in one text only
    assert "free" not in ham


def test_shortcuts_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without "call" the text "call now and win" is ham; "free" wins over no text with "you"."""
    monkeypatch.setattr(shortcuts, "BATCH", 1)
    done: list[tuple[int, int]] = []
    engine: Any = KeyedEngine()
    found = find_shortcuts(engine, TEXTS, progress=lambda *counts: done.append(counts))
    assert found.labels == ("ham", "spam")
    assert found.num_texts == 7
    by_word = {(item.label, item.word): item for item in found.shortcuts}
    free = by_word["spam", "free"]
    assert (free.num_with, free.num_lost, free.num_others, free.num_won) == (3, 2, 3, 0)
    assert {flip.text for flip in free.lost} == {"win a prize today", "entry now"}
    assert by_word["spam", "call"].num_lost == 1  # "call now and win"; the other one says "free" too
    you = by_word["ham", "you"]
    assert (you.num_with, you.num_lost) == (3, 1)
    assert you.lost[0].text == "the free evening was nice, see"
    assert (you.num_others, you.num_won) == (4, 4)
    assert you.won[0].text == "you Free prize, call now"
    assert (you.won[0].before, you.won[0].after) == ("spam", "ham")
    assert found.shortcuts[0].word == "you"
    assert set(found.controls) == {"ham", "spam"}
    assert all(0 <= won <= tried for won, tried in found.controls.values())
    assert done == sorted(done)
    shares = [count / total for count, total in done]
    assert shares == sorted(shares), "the bar never falls back"
    assert shares[-1] == 1


def test_a_word_is_cut_wherever_it_stands() -> None:
    tokens = KeyedEngine().tokenize("Free prize, free call", truncate=True)
    units = ordinary_words(tokens)
    assert cut_word(tokens, units, "free") == ("prize, call", None)
    assert cut_word(tokens, units, ",") == ("Free prize free call", None)
    assert cut_word(tokens, units, "call") == ("Free prize, free", None)


def test_texts_are_spread() -> None:
    assert spread([3, 5, 7, 9, 11], 3) == [3, 7, 11]
    assert spread([3], 3) == [3]
    assert spread([], 3) == []


def test_what_has_no_classes_says_so(settings: Settings, tiny_classifier: Path) -> None:
    folder = settings.local_models_path
    (folder / "classes").symlink_to(tiny_classifier)
    build_tiny("bert", folder / "tagger", head="token-classification", labels=("O", "B-PER"))
    build_tiny("bert", folder / "number", head="text-classification", labels=("grade",))
    build_tiny(
        "bert", folder / "several", head="text-classification", problem_type="multi_label_classification"
    )
    pairs = [("the cat sat", "on the mat"), ("the dog", "the cat sat"), ("the hospital", "the cat")]
    with open_model("local:classes") as engine:
        for method in (OCCLUSION, GRADIENT, INTEGRATED):
            found = summarize_classes(engine, pairs, method=method)
            assert sum(item.num_texts for item in found.classes) == 3
        with pytest.raises(InputError, match="no held-out text"):
            summarize_classes(engine, [])
        with pytest.raises(InputError, match=r"sorts all 2 texts into '(ham|spam|other)'"):
            find_shortcuts(engine, [("the cat", None)] * 2)
    with open_model("local:tagger") as engine, pytest.raises(CapabilityError, match="text by text"):
        summarize_classes(engine, pairs)
    with open_model("local:number") as engine:
        (numbers,) = summarize_classes(engine, pairs).classes
        assert (numbers.label, numbers.num_texts) == (NUMBER, 3)
        assert {word.word for word in numbers.words} >= {"the", "cat"}
        with pytest.raises(CapabilityError, match="one class of several"):
            find_shortcuts(engine, pairs)
    with open_model("local:several") as engine, pytest.raises(CapabilityError, match="one class of several"):
        find_shortcuts(engine, pairs)
