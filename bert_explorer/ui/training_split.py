"""Which rows the model is measured with: by chance, fold by fold, as the file says, or of another file."""

from dataclasses import replace
from pathlib import PurePath

import streamlit as st

from bert_explorer.errors import InputError
from bert_explorer.settings import get_settings
from bert_explorer.training.config import FineTuneConfig
from bert_explorer.training.examples import find_told_split, has_columns
from bert_explorer.training.tables.parts import COLUMN, find_split_column, join_held_out
from bert_explorer.training.tables.table import read_table
from bert_explorer.training.tables.writing import write_table
from bert_explorer.training.told_parts import join_examples
from bert_explorer.ui import state
from bert_explorer.ui.guard import escape_markdown
from bert_explorer.ui.texts import fine_tune as text
from bert_explorer.ui.training_data import TrainingFile
from bert_explorer.ui.training_tasks import read_rows

SHARES = (0.1, 0.2, 0.3, 0.5)
FOLDS = (3, 5, 10)


def ask_split(file: TrainingFile, config: FineTuneConfig) -> tuple[TrainingFile, FineTuneConfig]:
    """The file to hand in, and the settings with the choice in them. Raises DataError or InputError."""
    if is_table := has_columns(file.task):
        found = find_split_column(file.table.columns, file.table.rows)
    else:
        found = find_told_split(file.name, file.content, file.task)
    ways = [text.BY_CHANCE, text.IN_FOLDS]
    if found is not None:
        ways = [text.AS_TOLD, *ways]
    elif is_table:
        ways.append(text.AS_TOLD)
    ways.append(text.OTHER_FILE)
    with st.expander("How it is measured"):
        with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
            way = st.selectbox(
                "Rows to measure with", ways, key=state.TRAIN_MEASURE, bind="query-params", width=260
            )
            chosen = _ask_details(str(way), file, config, found)
        st.caption(text.MEASURE_LINES[str(way)].format(seed=config.seed))
    return chosen


def _ask_details(
    way: str, file: TrainingFile, config: FineTuneConfig, found: str | None
) -> tuple[TrainingFile, FineTuneConfig]:
    if way == text.IN_FOLDS:
        folds = st.selectbox("Parts", FOLDS, 1, key=state.TRAIN_FOLDS, bind="query-params", width=110)
        return file, replace(config, folds=folds)
    if way == text.AS_TOLD:
        return file, replace(config, split_column=_ask_column(file, config, found))
    if way == text.OTHER_FILE:
        return _ask_other_file(file), replace(config, split_column=COLUMN)
    share = st.selectbox(
        "Share",
        SHARES,
        SHARES.index(config.held_out_share),
        format_func="{:.0%}".format,
        key=state.TRAIN_SHARE,
        bind="query-params",
        width=110,
    )
    return file, replace(config, held_out_share=share)


def _ask_column(file: TrainingFile, config: FineTuneConfig, found: str | None) -> str:
    if not has_columns(file.task):
        return COLUMN
    taken = (config.text_column, config.label_column, config.pair_column)
    free = [name for name in file.table.columns if name not in taken]
    if not free:
        raise InputError("The file has no column left that could hold a split. Choose another way.")
    index = free.index(found) if found in free else 0
    key = f"{state.TRAIN_SPLIT_COLUMN}-{file.name}"
    return str(st.selectbox("Column of the split", free, index, key=key, width=180))


def _ask_other_file(file: TrainingFile) -> TrainingFile:
    """Both files as one, which says of each example which of the two it came from."""
    upload = st.file_uploader("Rows to measure with", key=state.TRAIN_HELD_OUT_FILE, width=360)
    if upload is None:
        needed = f"a table with the columns {', '.join(file.table.columns)}"
        if not has_columns(file.task):
            needed = f"a file like {file.name}"
        raise InputError(f"Upload the rows to measure with, {needed}; or choose another way to measure.")
    content = upload.getvalue()
    if not has_columns(file.task):
        name, content = join_examples(file.name, file.content, upload.name, content)
        return replace(file, name=name, content=content, table=read_rows(name, content, file.task))
    held_out = read_table(upload.name, content, get_settings())
    table = join_held_out(file.table, held_out)
    st.caption(f"{len(held_out.rows):,} rows in {escape_markdown(upload.name)}", width="content")
    name = f"{PurePath(file.name).stem} and {PurePath(upload.name).stem}.csv"
    return replace(file, name=name, content=write_table(table), table=table)
