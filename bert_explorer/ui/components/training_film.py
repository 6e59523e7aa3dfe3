"""The film of a training, played in the browser: examples move, classes part, and the numbers follow.

    training_film(stage, moment=3, label="25 examples", name="film", key=state.SOME_FILM, on_stop=choose)

All moments are sent once; playing asks the server for nothing. ``on_stop`` gets the moment (from 0) at which
the reader stops the film or puts the slider, before the script runs again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from bert_explorer.plots.labels import show_characters
from bert_explorer.results import FloatArray

FOLDER = Path(__file__).parent
STOPPED = "stopped"
DIGITS = 2  # after the point
REACH = np.array([92.0, 54.0])  # of the stage, from its middle

_mount = st.components.v2.component(
    "bert_explorer_training_film",
    html='<div class="film"><div class="controls"><button class="play"></button>'
    '<input class="slider" type="range" min="0" step="1"><output class="where"></output></div>'
    '<svg class="stage" viewBox="-100 -60 200 120" role="img"></svg><div class="legend"></div>'
    '<div class="tip" aria-live="polite"></div><div class="saving">'
    '<button value="png">Figure (PNG)</button><button value="svg">Figure (SVG)</button></div></div>',
    css=(FOLDER / "training_film.css").read_text(encoding="utf-8"),
    js=(FOLDER / "training_film.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True)
class FilmStage:
    """What the browser draws. ``groups[n]`` indexes ``legend`` and ``colours``.

    ``verdicts[m][n]`` is True for a right answer, False for a wrong one, None where there is no such thing;
    ``moments`` names each moment, ``names`` each example, ``answers[m][n]`` what is answered.
    """

    coordinates: FloatArray  # (num_moments, num_items, 2)
    verdicts: Sequence[Sequence[bool | None]]
    answers: Sequence[Sequence[str]]
    moments: Sequence[str]
    names: Sequence[str]
    groups: Sequence[int]
    legend: Sequence[str]
    colours: Sequence[str]


def training_film(
    stage: FilmStage, *, moment: int, label: str, name: str, key: str, on_stop: Callable[[int], None]
) -> None:
    """Draw the film at one moment. Keys: the slider's own; Space on the button plays and stops."""

    def pass_on() -> None:
        value = st.session_state[key].get(STOPPED)
        if type(value) is int and 0 <= value < len(stage.moments):
            on_stop(value)

    data = {
        "label": label,
        "name": name,
        "moment": moment,
        "places": [
            [[round(float(x), DIGITS), round(float(y), DIGITS)] for x, y in one] for one in _fit(stage)
        ],
        "verdicts": [list(one) for one in stage.verdicts],
        "answers": [[show_characters(text) for text in one] for one in stage.answers],
        "moments": list(stage.moments),
        "names": [show_characters(text) for text in stage.names],
        "groups": list(stage.groups),
        "legend": [show_characters(text) for text in stage.legend],
        "colours": list(stage.colours),
    }
    _mount(key=key, data=data, on_stopped_change=pass_on)


def _fit(stage: FilmStage) -> FloatArray:
    """All moments at one scale that fills the stage, in its own units."""
    largest = np.maximum(np.abs(stage.coordinates).max(axis=(0, 1)), 1e-9)
    return np.asarray(stage.coordinates * float((REACH / largest).min()), dtype=np.float32)
