"""Long work with a bar and a way to stop it.

Streamlit ends a running script at its next call of an element once a widget was clicked. The bar is such an
element: a click on Stop (or on anything else) ends the work at the next batch, and nothing of it goes on.
"""

import time
from collections.abc import Callable, Hashable
from typing import TypeVar

import streamlit as st

from bert_explorer.ui import state

SHOWN_AFTER_S = 1.0  # shorter work needs no bar
T = TypeVar("T")
Progress = Callable[[int, int], None]


def work_with_progress(asked: Hashable, work: Callable[[Progress], T], label: str) -> T | None:
    """``work(progress)``; None where the reader stopped this very work (a button starts it again)."""
    if st.session_state.get(state.STOPPED) == asked:
        st.info("Stopped before the end.")
        st.button("Start again", on_click=_start_again)
        return None
    place = st.empty()
    result = work(_make_progress(asked, place, label))
    place.empty()
    return result


def _make_progress(asked: Hashable, place: "st.delta_generator.DeltaGenerator", label: str) -> Progress:
    started = time.monotonic()
    bars: list[st.delta_generator.DeltaGenerator] = []

    def show(done: int, total: int) -> None:
        elapsed_s = time.monotonic() - started
        if not bars:
            if elapsed_s < SHOWN_AFTER_S or done == total:
                return
            with place.container():
                bars.append(st.progress(0.0, label))
                st.button("Stop", on_click=_stop, args=(asked,), key=f"{state.STOP}-{label}")
        left_s = elapsed_s / done * (total - done)
        bars[0].progress(done / total, f"{label}: {done:,} of {total:,}, about {left_s:.0f} s more")

    return show


def _stop(asked: Hashable) -> None:
    st.session_state[state.STOPPED] = asked


def _start_again() -> None:
    st.session_state.pop(state.STOPPED, None)
