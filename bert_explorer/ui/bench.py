"""Runs minimal pairs with progress; a press on Stop keeps what was judged until then.

Pairs are judged when somebody asks for it. That it was asked stands in the link, so that whoever opens the
link sees the result too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

import streamlit as st

from bert_explorer.ui import state
from bert_explorer.ui.answers import can_ask

if TYPE_CHECKING:
    from bert_explorer.analysis.minimal_pairs import JudgedPair, MinimalPair

STEP = 10  # sentences between two looks at the browser: there a press on Stop ends the run


@dataclass
class Bench:
    """What was judged of ``pairs`` so far."""

    model: str
    pairs: "Sequence[MinimalPair]"
    judged: "list[JudgedPair]" = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return len(self.judged) == len(self.pairs)


def show_bench(model: str, pairs: "Sequence[MinimalPair]") -> Bench | None:
    """Draw the button; what was judged, or None where nobody has asked for it."""
    pressed = st.button("Judge the pairs", type="primary")
    name = name_in_link(model, pairs)
    if pressed:
        st.query_params[state.PAIRS_JUDGED] = name
    bench = kept_bench(model, pairs)
    by_link = bench is None and st.query_params.get(state.PAIRS_JUDGED) == name
    if can_ask(model) and (pressed or by_link):
        return run_bench(model, pairs)
    return bench


def name_in_link(model: str, pairs: "Sequence[MinimalPair]") -> str:
    """Short name of these pairs and this model: other pairs wait for a press of their own."""
    return sha256(repr((model, pairs)).encode()).hexdigest()[:8]


def kept_bench(model: str, pairs: "Sequence[MinimalPair]") -> Bench | None:
    """What this session has judged of just these pairs with just this model."""
    bench = st.session_state.get(state.BENCH)
    same = isinstance(bench, Bench) and bench.model == model and bench.pairs == pairs
    return bench if same else None


def run_bench(model: str, pairs: "Sequence[MinimalPair]") -> Bench:
    """Judge all pairs in this run of the script. Any press of a button ends it, as Streamlit does."""
    from bert_explorer.analysis.minimal_pairs import judge_pairs
    from bert_explorer.models.cache import open_model

    bench = st.session_state[state.BENCH] = Bench(model, pairs)
    total = 2 * len(pairs)
    place = st.empty()
    with place.container():
        bar = st.progress(0.0, text="Reading the sentences")
        st.button("Stop")
        with open_model(model) as engine:
            for done, judged in judge_pairs(engine, pairs):
                if judged is not None:
                    bench.judged.append(judged)
                if done % STEP == 0 or done == total:
                    bar.progress(done / total, text=f"{done:,} of {total:,} sentences")
    place.empty()
    return bench
