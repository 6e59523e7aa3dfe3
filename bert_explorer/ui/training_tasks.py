"""What a file is to be learned for: guessed, open to change; and the preview of what is no plain class."""

import streamlit as st

from bert_explorer.settings import get_settings
from bert_explorer.training.config import MASKED_WORDS, TASKS, FineTuneConfig
from bert_explorer.training.examples import COLUMNS_OF, Examples, guess_task, has_columns, read_examples
from bert_explorer.training.question_texts import QuestionTexts
from bert_explorer.training.tables.table import Table, read_table
from bert_explorer.training.tagged_texts import TaggedTexts
from bert_explorer.ui import state
from bert_explorer.ui.guard import escape_markdown
from bert_explorer.ui.texts import fine_tune as text

PREVIEW_ROWS = 100
LABELLED_TASKS = tuple(task for task in TASKS if task != MASKED_WORDS)


def ask_task(name: str, content: bytes) -> str:
    """One of LABELLED_TASKS; another file starts the choice anew. A corrected guess is in the link."""
    guess = guess_task(name, content, get_settings())
    if st.session_state.get(state.TASK_FILE, name) != name:
        st.query_params.pop(state.TASK_PARAMETER, None)
    st.session_state[state.TASK_FILE] = name
    linked = st.query_params.get(state.TASK_PARAMETER)
    chosen = st.selectbox(
        "Task",
        LABELLED_TASKS,
        LABELLED_TASKS.index(linked if linked in LABELLED_TASKS else guess),
        format_func=text.TASK_NAMES.__getitem__,
        key=f"{state.TRAIN_TASK}-{name}",
        width=240,
    )
    if chosen == guess:
        st.query_params.pop(state.TASK_PARAMETER, None)
    else:
        st.query_params[state.TASK_PARAMETER] = chosen
    return chosen


def read_rows(name: str, content: bytes, task: str) -> Table:
    """The rows as a table, also of files that are none. Raises DataError with the line."""
    settings = get_settings()
    if has_columns(task):
        return read_table(name, content, settings)
    config = FineTuneConfig(task=task, **COLUMNS_OF[task])  # type: ignore[arg-type]  # all its values are texts
    examples = read_examples(name, content, config, settings)
    columns, rows = _cells(examples)
    return Table(name, columns, rows, examples.line_numbers, has_header=True)


def _cells(examples: Examples) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    if isinstance(examples, TaggedTexts):
        return ("text", "tags"), tuple((row.text, " ".join(row.tags)) for row in examples.rows)
    if isinstance(examples, QuestionTexts):
        rows = [(row.question, " / ".join(dict.fromkeys(row.answers)), row.context) for row in examples.rows]
        return ("question", "answer", "context"), tuple(rows)
    raise TypeError(f"{type(examples).__name__} come from a table")


def show_task_preview(name: str, content: bytes, table: Table, config: FineTuneConfig) -> Examples:
    """First rows. Raises DataError where they cannot be learned from."""
    examples = read_examples(name, content, config, get_settings())
    st.markdown(f"**{len(examples):,} examples** in {escape_markdown(name)}")
    chosen = [config.text_column, config.pair_column, config.label_column]
    shown = {column: table.column(column)[:PREVIEW_ROWS] for column in chosen if column is not None}
    st.dataframe({"Line": table.line_numbers[:PREVIEW_ROWS], **shown}, hide_index=True, height=250)
    if examples.labels and config.task != "regression":
        names = ", ".join(escape_markdown(label) for label in examples.labels[:30])
        st.caption(f"{len(examples.labels)} labels: {names}")
    return examples
