"""Draws the answers to sentences with a hidden word at the moments of a training, chosen by a slider."""

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from bert_explorer.settings import get_settings
from bert_explorer.training.run import Run
from bert_explorer.training.run_folder import run_folder
from bert_explorer.ui import state


def read_answers(run: Run) -> dict[str, Any] | None:
    """What a pretraining answered so far; None before its first evaluation, or without sentences."""
    path = run_folder(run.id, get_settings()).cloze
    if not path.is_file():
        return None
    history: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return history if history["sentences"] and history["checkpoints"] else None


def show_latest_answers(history: Mapping[str, Any]) -> None:
    """While it trains: what it says now, beside what it said at first."""
    _show_answers(history, len(history["checkpoints"]) - 1)


def show_answers_on_the_way(history: Mapping[str, Any], key: str = state.CLOZE_STEP) -> None:
    checkpoints = history["checkpoints"]
    labels = [_label(item["tokens"]) for item in checkpoints]
    st.markdown("**What it answered on the way**")
    chosen = st.select_slider("After reading", labels, value=labels[-1], key=key, bind="query-params")
    _show_answers(history, labels.index(chosen))


def _show_answers(history: Mapping[str, Any], moment: int) -> None:
    first, now = history["checkpoints"][0], history["checkpoints"][moment]
    st.dataframe(
        {
            "Sentence": [item["text"] for item in history["sentences"]],
            "Before": [_guesses(answer) for answer in first["answers"]],
            f"After {_label(now['tokens'])}": [_guesses(answer) for answer in now["answers"]],
        },
        hide_index=True,
        height="content",
    )


def _guesses(answer: Mapping[str, Any]) -> str:
    return ", ".join(f"{word} {probability:.0%}" for word, probability in answer["top"][:4])


def _label(tokens: int) -> str:
    return f"{tokens:,} tokens"
