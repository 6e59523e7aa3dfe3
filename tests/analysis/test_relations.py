"""Heads against grammar: a tree worked out by hand, and a plain loop over plain transformers."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoTokenizer

from bert_explorer.analysis.relations import (
    FORWARD,
    REVERSE,
    count_hits,
    describe_head,
    evaluate_relations,
    find_best_head,
)
from bert_explorer.analysis.treebank import ROOT, Sentence
from bert_explorer.errors import DataError
from bert_explorer.models.cache import open_model
from bert_explorer.settings import Settings

SENTENCES = (
    Sentence(("the", "cat", "sat"), (1, 2, ROOT), ("det", "nsubj", "root"), 1),
    Sentence(
        ("the", "zebras", "looked", "at", "the", "dog"),
        (1, 2, ROOT, 5, 5, 2),
        ("det", "nsubj", "root", "case", "det", "obl"),
        5,
    ),
    Sentence(("we",), (ROOT,), ("root",), 12),
    Sentence(("a", "good", "film"), (2, 2, ROOT), ("det", "amod", "root"), 14),
)


def test_hits_of_a_case_worked_out_by_hand() -> None:
    """Two heads in one layer: the first always points at the next word, the second at the first word."""
    following, first = [1, 2, 0, 1, 0], [1, 0, 0, 1, 0]  # of "the cat sat" and "we sat"
    predicted = np.array([[[following, first]], [[first, following]]])  # (2, 1 layer, 2 heads, 5 words)
    sentences = [SENTENCES[0], Sentence(("we", "sat"), (1, ROOT), ("nsubj", "root"), 5)]
    found = count_hits(sentences, predicted, num_skipped=3)
    assert found.relations == ("nsubj", "det")
    assert found.counts.tolist() == [2, 1]
    assert found.hits[FORWARD].tolist() == [[[2, 1]], [[1, 1]]]
    assert found.hits[REVERSE].tolist() == [[[1, 2]], [[1, 1]]]
    assert (found.offsets.tolist(), found.offset_hits.tolist()) == ([1, 1], [2, 1])
    assert (found.num_sentences, found.num_skipped) == (2, 3)
    best = find_best_head(found, 0)
    assert (best.relation, best.layer, best.head, best.accuracy, best.baseline) == ("nsubj", 0, 0, 1.0, 1.0)
    assert (best.offset, best.count) == (1, 2)
    assert find_best_head(found, 0, REVERSE).head == 1
    assert describe_head(found, 0, FORWARD, 0, 1).accuracy == 0.5


@torch.no_grad()
def loop_over_heads(folder: Path, sentences: tuple[Sentence, ...]) -> tuple[Counter, Counter]:
    """(relation, direction, layer, head) -> hits, and relation -> cases: one sentence, one head at a time."""
    model = AutoModel.from_pretrained(folder, attn_implementation="eager").eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    hits: Counter = Counter()
    cases: Counter = Counter()
    for sentence in sentences:
        inputs = tokenizer(list(sentence.words), is_split_into_words=True, return_tensors="pt")
        pieces = [
            [i for i, word in enumerate(inputs.word_ids()) if word == w] for w in range(len(sentence.words))
        ]
        attentions = [item[0].numpy() for item in model(**inputs, output_attentions=True).attentions]
        for layer, head in np.ndindex(2, 2):
            weights = attentions[layer][head]
            words = np.array(
                [
                    [np.mean([sum(weights[i, j] for j in to) for i in source]) for to in pieces]
                    for source in pieces
                ]
            )
            np.fill_diagonal(words, -1)
            for word, (right, name) in enumerate(zip(sentence.heads, sentence.relations, strict=True)):
                if right != ROOT:
                    cases[name] += (layer, head) == (0, 0)
                    hits[name, FORWARD, layer, head] += words[word].argmax() == right
                    hits[name, REVERSE, layer, head] += words[:, word].argmax() == right
    return hits, cases


def test_all_heads_on_all_relations_agree_with_a_plain_loop(settings: Settings) -> None:
    seen: list[tuple[int, int]] = []
    with open_model("bundled") as engine:
        found = evaluate_relations(engine, SENTENCES, progress=lambda *done: seen.append(done))
    hits, cases = loop_over_heads(settings.bundled_model_path, SENTENCES)
    assert dict(zip(found.relations, found.counts.tolist(), strict=True)) == dict(cases)
    assert sum(cases.values()) == 9
    for (direction, relation, layer, head), number in np.ndenumerate(found.hits):
        assert number == hits[found.relations[relation], direction, layer, head]
    assert 0 < found.hits.sum() < found.hits.size * 2
    assert seen[-1] == (4, 4)


def test_sentences_that_do_not_fit_are_left_out_and_counted(settings: Settings) -> None:
    assert settings.offline
    long = Sentence(("the", *["xxxxxxxxxx"] * 30), (1, *[ROOT] * 30), ("det", *["root"] * 30), 20)
    with open_model("bundled") as engine:
        alone = evaluate_relations(engine, SENTENCES)
        found = evaluate_relations(engine, [*SENTENCES, long])
        with pytest.raises(DataError, match=r"None of the 2 sentences .* fits into the 128 tokens"):
            evaluate_relations(engine, [long, SENTENCES[2]])
    assert (found.num_sentences, found.num_skipped) == (4, 1)
    np.testing.assert_array_equal(found.hits, alone.hits)


def test_sentences_that_cannot_be_read_are_left_out_and_counted(settings: Settings) -> None:
    unreadable = Sentence(("\u200b",), (ROOT,), ("root",), 20)
    long = Sentence(("the", "x" * settings.max_text_chars), (1, ROOT), ("det", "root"), 22)
    with open_model("bundled") as engine:
        alone = evaluate_relations(engine, SENTENCES)
        found = evaluate_relations(engine, [unreadable, *SENTENCES, long])
        with pytest.raises(DataError, match="None of the 2 sentences"):
            evaluate_relations(engine, [unreadable, long])
    assert (found.num_sentences, found.num_skipped) == (4, 2)
    np.testing.assert_array_equal(found.hits, alone.hits)


def test_the_bundled_model_knows_determiners(bundled_settings: Settings) -> None:
    """A head that beats every fixed offset on a relation, on the first 100 sentences of PUD."""
    from bert_explorer.analysis.treebank import read_bundled_treebank

    sentences = read_bundled_treebank(bundled_settings)[:100]
    with open_model("bundled") as engine:
        found = evaluate_relations(engine, sentences)
    best = find_best_head(found, found.relations.index("det"))
    assert best.interval[0] > best.baseline
    assert best.count == sum(sentence.relations.count("det") for sentence in sentences)
