"""The command ``self-test``: does everything work on this computer?"""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from bert_explorer.cli.output import json_option, model_option, write_note, write_result
from bert_explorer.errors import BertExplorerError
from bert_explorer.results import Capability

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

FIRST, SECOND = "The cat sat on the mat.", "It was asleep."
MASKED = "Paris is the capital of [MASK]."
TOLERANCE = 1e-3


@click.command("self-test")
@model_option
@json_option
def self_test(model: str, as_json: bool) -> None:
    """Open a model and ask it one question of each kind, checking what must hold for every answer.

    Example: self-test --model bundled
    """
    from bert_explorer.models.cache import open_model

    steps: list[dict[str, Any]] = []
    start = time.monotonic()
    with open_model(model) as engine:
        _report(steps, f"open {engine.info.name}", time.monotonic() - start)
        for name, capability, check in CHECKS:
            if capability in engine.info.capabilities:
                begin = time.monotonic()
                check(engine)
                _report(steps, name, time.monotonic() - begin)
    write_result({"model": model, "steps": steps, "ok": True}, "Everything works.", as_json=as_json)


def _report(steps: list[dict[str, Any]], name: str, elapsed_s: float) -> None:
    steps.append({"name": name, "elapsed_s": elapsed_s})
    write_note(f"ok  {name} ({elapsed_s:.2f} s)")


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise BertExplorerError(f"The self-test failed: {what}. Install BERT Explorer again.")


def _check_masked_words(engine: "Engine") -> None:
    from bert_explorer.analysis.masked_words import predict_masks

    (mask,) = predict_masks(engine, MASKED, top_k=engine.info.vocab_size).masks
    total = sum(item.probability for item in mask.predictions)
    _require(abs(total - 1) < TOLERANCE, f"probabilities at a mask sum to {total}")


def _check_next_sentence(engine: "Engine") -> None:
    from bert_explorer.analysis.next_sentence import predict_next_sentence

    probability = predict_next_sentence(engine, FIRST, SECOND).is_next_probability
    _require(0 <= probability <= 1, f"the next sentence has probability {probability}")


def _check_attention(engine: "Engine") -> None:
    from bert_explorer.analysis.attention import compute_attention
    from bert_explorer.plots.bertviz import head_view_html

    attention = compute_attention(engine, FIRST, SECOND)
    error = float(np.abs(attention.attentions.sum(axis=-1) - 1).max())
    _require(error < TOLERANCE, f"rows of attention miss 1 by {error}")
    _require("bertviz" in head_view_html(attention), "the head view is empty")


def _check_embeddings(engine: "Engine") -> None:
    from bert_explorer.analysis.embeddings import embed_texts
    from bert_explorer.analysis.projection import project

    texts = [FIRST, SECOND, "It rained."]
    together = embed_texts(engine, texts, layer=engine.info.num_layers, pooling="mean")
    alone = embed_texts(engine, texts[:1], layer=engine.info.num_layers, pooling="mean")
    error = float(np.abs(together.vectors[0] - alone.vectors[0]).max())
    _require(error < TOLERANCE, f"a text alone and in a batch differ by {error}")
    _require(bool(np.isfinite(project(together.vectors).coordinates).all()), "a projection is not finite")


def _check_classes(engine: "Engine") -> None:
    from bert_explorer.analysis.classification import classify

    total = float(classify(engine, FIRST).probabilities.sum())
    _require(abs(total - 1) < TOLERANCE, f"probabilities of classes sum to {total}")


Check = Callable[["Engine"], None]
CHECKS: tuple[tuple[str, Capability, Check], ...] = (
    ("masked words", Capability.MASKED_LM, _check_masked_words),
    ("next sentence", Capability.NEXT_SENTENCE, _check_next_sentence),
    ("attention and head view", Capability.ATTENTIONS, _check_attention),
    ("vectors and projection", Capability.EMBEDDINGS, _check_embeddings),
    ("classes", Capability.SEQUENCE_CLASSIFICATION, _check_classes),
)
