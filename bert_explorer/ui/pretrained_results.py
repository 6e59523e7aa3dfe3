"""Draws a finished pretraining of the reader's own: figures, curve, answers before and after."""

import streamlit as st

from bert_explorer.errors import RunError
from bert_explorer.intervals import wilson_interval
from bert_explorer.run_analyses.rows import describe_base
from bert_explorer.training.config import FROM_NOTHING
from bert_explorer.training.run import Run
from bert_explorer.ui.before_after import show_before_after
from bert_explorer.ui.cloze_views import read_answers, show_answers_on_the_way
from bert_explorer.ui.downloads import show_figure
from bert_explorer.ui.guard import escape_markdown, guard
from bert_explorer.ui.model_bar import describe_for_browser, open_model_in_bar
from bert_explorer.ui.runs import get_run_store
from bert_explorer.ui.state import CLOZE_STEP


def show_pretrained(run: Run, *, is_own: bool) -> None:
    """The reader's own sentences are shown to the owner only: they may quote the text."""
    from bert_explorer.plots.training import plot_training

    metrics = run.metrics or {}
    with st.container(key="run-numbers", horizontal=True, gap="large", vertical_alignment="center"):
        st.metric("Hidden words right", f"{metrics['top1']:.1%}", width="content")
        st.metric("Before", f"{metrics['top1_before']:.1%}", width="content")
        st.metric("Always the commonest word", f"{metrics['commonest_word_top1']:.1%}", width="content")
        st.button("Open this model", type="primary", on_click=open_model_in_bar, args=(run.ref,))
    lowest, highest = wilson_interval(round(metrics["top1"] * metrics["num_masks"]), metrics["num_masks"])
    st.caption(
        f"Measured on {metrics['num_masks']:,} hidden words of {metrics['num_held_out']:,} sentences that "
        f"it did not "
        f"learn from; on many more, expect {lowest:.0%} to {highest:.0%} (95 % interval). Perplexity "
        f"{metrics['perplexity_before']:,.0f} before, {metrics['perplexity']:,.0f} after "
        f"{metrics['num_tokens']:,} "
        "tokens."
    )
    figure = plot_training(get_run_store().metrics(run.id), score="top1")
    show_figure(figure, "training", alt="Loss and share of hidden words right while the model trained")
    if run.config.model != FROM_NOTHING:
        with guard():
            _show_ways_to_both(run)
    history = read_answers(run) if is_own else None
    if history is not None:
        show_answers_on_the_way(history, f"{CLOZE_STEP}-{run.id[:4]}")


def _show_ways_to_both(run: Run) -> None:
    """Without a base to stand beside it the results are as good, and nothing has gone wrong."""
    try:
        base = describe_base(run, describe_for_browser)
    except RunError as reason:
        st.caption(escape_markdown(str(reason)))
        return
    show_before_after(run, base)
