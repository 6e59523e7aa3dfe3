"""What stands below every figure: what it shows, what to try, the code, the files."""

from collections.abc import Callable

import streamlit as st

from bert_explorer.ui import state
from bert_explorer.ui.texts import Experiment, Explanation, Paper

TABS = ("What am I seeing?", "Try this", "The code", "Download")


def show_explanation(
    explanation: Explanation,
    *,
    code: str | None = None,
    language: str = "python",
    downloads: Callable[[], None] | None = None,
) -> None:
    """Draw the block. Without code or files, their tabs say what to do to get them."""
    seeing, trying, coding, files = st.tabs(TABS, key=state.EXPLANATION)
    with seeing:
        _show_meaning(explanation)
    with trying:
        _show_experiments(explanation.experiments)
    with coding:
        if code is None:
            st.caption("Ask something above, and the same question stands here as a program.")
        else:
            st.markdown("The same without the page. Run it in the folder of BERT Explorer.")
            st.code(code, language=language, wrap_lines=True)
    with files:
        if downloads is None:
            st.caption("As soon as there is a figure above, its files are here.")
        else:
            downloads()


def _show_meaning(explanation: Explanation) -> None:
    st.markdown(explanation.seeing)
    st.latex(explanation.formula)
    st.markdown(f"**How to read it.** {explanation.reading}")
    st.markdown(f"**What it does not show.** {explanation.limits}")
    st.caption("Read more: " + " ".join(map(_cite, explanation.papers)))


def _show_experiments(experiments: tuple[Experiment, ...]) -> None:
    for number, experiment in enumerate(experiments, start=1):
        st.markdown(
            f"**{number}. {experiment.title}.** {experiment.do}  \n*What to expect:* {experiment.expect}"
        )


def _cite(paper: Paper) -> str:
    return f"{paper.authors} ({paper.year}). *{paper.title}.* {paper.venue}."
