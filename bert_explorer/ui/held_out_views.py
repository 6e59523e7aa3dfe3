"""Words of each class, and shortcuts, over the held-out rows: measured through the queue, then drawn."""

from collections.abc import Callable, Iterator

import streamlit as st

from bert_explorer.analysis.class_words import refuse_other_tasks
from bert_explorer.analysis.shortcuts import refuse_without_classes
from bert_explorer.intervals import wilson_interval
from bert_explorer.results import ClassSummary, ClassWords, ModelInfo, Shortcut, ShortcutReport
from bert_explorer.run_analyses.questions import ClassWordsQuestion, ShortcutsQuestion
from bert_explorer.ui import state
from bert_explorer.ui.downloads import show_figure, show_figure_downloads, show_table_download
from bert_explorer.ui.guard import escape_markdown
from bert_explorer.ui.held_out import own_held_out
from bert_explorer.ui.inputs import choice
from bert_explorer.ui.measurements import measured_of_run
from bert_explorer.ui.texts import explain as text

Files = Callable[[], None]
WORDS_FIGURE, SHORTCUTS_FIGURE = "class-words", "shortcuts"
WORDS_HEADER = ("class", "word", "mean score", "count", "texts")
SHORTCUTS_HEADER = (
    "class",
    "word",
    "won",
    "of other texts",
    "lost",
    "of texts with it",
    "example before",
    "after",
)
SHOWN = 15  # bars


def show_class_words(model: ModelInfo) -> tuple[str | None, Files | None]:
    """Inputs, progress and result; returns the code, and what draws the files once there is a result."""
    refuse_other_tasks(model)
    if not _has_rows(model):
        return None, None
    st.caption(text.SUMMARY_CAPTION)
    with st.container(horizontal=True, gap="medium"):
        titles = tuple(text.METHODS[method] for method in text.SUMMARY_METHODS)
        chosen = choice("Scores by", titles, state.EXPLAIN_WORDS_BY, width="content")
        count = _ask_count()
    method = text.SUMMARY_METHODS[titles.index(chosen)]
    code = _code(model, "class_words", "summarize_classes", count, f", method={method!r}", text.PRINT_WORDS)
    summary = measured_of_run(_run_id(model), ClassWordsQuestion(method, count))
    return code, None if summary is None else _show_summary(summary)


def show_shortcuts(model: ModelInfo) -> tuple[str | None, Files | None]:
    """The same for shortcuts."""
    refuse_without_classes(model)
    if not _has_rows(model):
        return None, None
    st.caption(text.SHORTCUTS_CAPTION)
    count = _ask_count()
    code = _code(model, "shortcuts", "find_shortcuts", count, "", text.PRINT_SHORTCUTS)
    report = measured_of_run(_run_id(model), ShortcutsQuestion(count))
    return code, None if report is None else _show_report(report)


def _has_rows(model: ModelInfo) -> bool:
    """Whether this browser has held-out texts of the model; if not, the page says so."""
    if own_held_out(model):
        return True
    st.info(text.NO_ROWS)
    st.page_link("pages/fine_tune.py", label="Train one on the page Fine-tune")
    return False


def _run_id(model: ModelInfo) -> str:
    return model.ref.removeprefix("run:")


def _ask_count() -> int:
    return int(choice("Texts, at most", text.COUNTS, state.EXPLAIN_COUNT, width="content"))


def _code(model: ModelInfo, module: str, function: str, count: int, options: str, printing: str) -> str:
    return text.HELD_OUT_CODE.format(
        module=module,
        function=function,
        run=_run_id(model),
        model=model.ref,
        count=count,
        options=options,
        printing=printing,
    )


def _show_summary(summary: ClassSummary) -> Files:
    from bert_explorer.plots.explanations import plot_class_words

    if len(summary.classes) == 1:
        name = escape_markdown(summary.classes[0].label)
        st.info(
            f"All {summary.num_texts:,} texts get **{name}**: there are no words of other classes to compare."
        )
    item = _choose(summary.classes)
    st.markdown(
        f"**{escape_markdown(item.label)}**: {item.num_texts:,} of {summary.num_texts:,} texts, "
        f"{len(item.words):,} words that stand in two of them or more"
    )
    if not item.words:
        st.caption("No word stands in two of these texts.")
        return lambda: show_table_download(WORDS_FIGURE, WORDS_HEADER, lambda: word_rows(summary))
    figure = plot_class_words(item.words[:SHOWN])
    figure_column, table_column = st.columns([3, 2], gap="medium")
    with figure_column:
        show_figure(figure, WORDS_FIGURE, alt=f"Words that push most towards {item.label}")
    with table_column:
        table = {
            "Word": [word.word for word in item.words],
            "Mean score": [round(word.mean, 3) for word in item.words],
            "Count": [word.count for word in item.words],
            "Texts": [word.num_texts for word in item.words],
        }
        st.dataframe(table, hide_index=True, height="content" if len(item.words) < 11 else 420)

    def files() -> None:
        show_figure_downloads(figure, WORDS_FIGURE)
        show_table_download(WORDS_FIGURE, WORDS_HEADER, lambda: word_rows(summary))

    return files


def _choose(classes: tuple[ClassWords, ...]) -> ClassWords:
    """The last class at first: of two classes it is usually the one that is looked for."""
    name = _ask_class([item.label for item in classes])
    return next(item for item in classes if item.label == name)


def _ask_class(names: list[str]) -> str:
    if st.session_state.get(state.EXPLAIN_CLASS) not in names:
        st.session_state.pop(state.EXPLAIN_CLASS, None)  # of another model
    chosen = st.selectbox(
        "Class", names, len(names) - 1, key=state.EXPLAIN_CLASS, bind="query-params", width=260
    )
    return str(chosen)


def _show_report(report: ShortcutReport) -> Files:
    from bert_explorer.plots.explanations import plot_shortcuts

    name = _ask_class(list(report.labels))
    found = [item for item in report.shortcuts if item.label == name]
    control = report.controls[name]
    if not found:
        st.info(text.NO_CANDIDATES)
        return lambda: show_table_download(SHORTCUTS_FIGURE, SHORTCUTS_HEADER, lambda: shortcut_rows(report))
    st.markdown(describe_shortcuts(found, control))
    if not any(item.num_won or item.num_lost for item in found):
        st.info(text.NO_SHORTCUT)
    figure = plot_shortcuts(found, control)
    show_figure(figure, SHORTCUTS_FIGURE, alt=f"How often single words decide for {name}")
    st.dataframe(shortcut_table(found), hide_index=True, height="content")
    _show_examples(found)

    def files() -> None:
        show_figure_downloads(figure, SHORTCUTS_FIGURE)
        show_table_download(SHORTCUTS_FIGURE, SHORTCUTS_HEADER, lambda: shortcut_rows(report))

    return files


def describe_shortcuts(found: list[Shortcut], control: tuple[int, int]) -> str:
    """The word that wins most, beside chance. Markdown."""
    best = max(found, key=lambda item: item.num_won / max(1, item.num_others))
    label = escape_markdown(best.label)
    return (
        f"**{escape_markdown(best.word)}** in front turns {best.num_won} of {best.num_others} other texts "
        f"into **{label}**; words drawn by chance turn {control[0]} of {control[1]} (the dotted line)."
    )


def shortcut_table(found: list[Shortcut]) -> dict[str, list[object]]:
    """Counts with their intervals."""

    def interval(hits: int, count: int) -> str:
        low, high = wilson_interval(hits, count)
        return f"{low:.0%} to {high:.0%}"

    return {
        "Word": [item.word for item in found],
        "Won": [f"{item.num_won} of {item.num_others}" for item in found],
        "95 % interval, won": [interval(item.num_won, item.num_others) for item in found],
        "Lost": [f"{item.num_lost} of {item.num_with}" for item in found],
        "95 % interval, lost": [interval(item.num_lost, item.num_with) for item in found],
    }


def _show_examples(found: list[Shortcut]) -> None:
    rows = [
        (item.word, way, flip.before, flip.after, flip.text)
        for item in found
        for way, flips in (("in front", item.won), ("taken out", item.lost))
        for flip in flips
    ]
    if rows:
        st.markdown("**Texts that change**")
        columns = ("Word", "How", "Class before", "Class after", "Text as the model reads it")
        table = {name: [row[i] for row in rows] for i, name in enumerate(columns)}
        st.dataframe(table, hide_index=True, height="content" if len(rows) < 10 else 380)


def word_rows(summary: ClassSummary) -> Iterator[tuple[object, ...]]:
    """Rows of WORDS_HEADER, of all classes."""
    for item in summary.classes:
        for word in item.words:
            yield item.label, word.word, round(word.mean, 5), word.count, word.num_texts


def shortcut_rows(report: ShortcutReport) -> Iterator[tuple[object, ...]]:
    """Rows of SHORTCUTS_HEADER, of all classes."""
    for item in report.shortcuts:
        example = (*item.won, *item.lost)[:1]
        before, after = (example[0].text, example[0].after) if example else ("", "")
        counts = (item.num_won, item.num_others, item.num_lost, item.num_with)
        yield (item.label, item.word, *counts, before, after)
