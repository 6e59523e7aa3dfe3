"""What the data doctor found in the file, before training: each finding with its rows and its fix."""

import hashlib
from dataclasses import replace
from pathlib import PurePath

import streamlit as st

from bert_explorer.models.catalog import find_folder
from bert_explorer.models.reference import parse_reference
from bert_explorer.results import ModelInfo
from bert_explorer.settings import get_settings
from bert_explorer.training.config import FineTuneConfig
from bert_explorer.training.doctor.findings import Finding, Severity, apply_fix, count
from bert_explorer.training.tables.table import Table
from bert_explorer.ui import state
from bert_explorer.ui.answers import remember
from bert_explorer.ui.guard import escape_markdown
from bert_explorer.ui.texts import fine_tune as text
from bert_explorer.ui.training_data import TrainingFile

MAX_SHOWN_ROWS = 200


def show_doctor(file: TrainingFile, config: FineTuneConfig, model: ModelInfo) -> TrainingFile:
    """Draw the findings, folded when all is well. Returns the file with the fixes that were asked for."""
    key = _file_key(file, config)
    chosen = state.chosen_fixes().setdefault(key, [])
    table = _apply_chosen(file.table, config, key, chosen)
    findings = _examine(table, config, model, key, chosen)
    urgent = [finding for finding in findings if finding.severity is not Severity.NOTE]
    with st.expander(_headline(findings, len(urgent)), expanded=bool(urgent or chosen)):
        if chosen:
            _show_chosen(file, table, config, chosen)
        for number, finding in enumerate(findings):
            if number:
                st.divider()
            _show_finding(finding, table, chosen)
        if not findings:
            st.markdown(text.DOCTOR_WELL)
    return _mended(file, table) if chosen else file


def _headline(findings: tuple[Finding, ...], num_urgent: int) -> str:
    if not findings:
        return "The data doctor: all is well"
    if not num_urgent:
        return f"The data doctor: all is well, with {count(len(findings), 'remark')}"
    return f"The data doctor: {count(num_urgent, 'thing')} to look at"


def _show_finding(finding: Finding, table: Table, chosen: list[str]) -> None:
    st.markdown(f"**{text.SEVERITIES[finding.severity]}: {escape_markdown(finding.title)}**")
    st.markdown(escape_markdown(finding.advice))
    if finding.fix is not None:
        title = f"{finding.fix.title} ({len(finding.fix.drop) or len(finding.fix.relabel):,})"
        st.button(title, key=f"fix-{finding.name}", on_click=chosen.append, args=(finding.name,))
    if finding.rows:
        shown = finding.rows[:MAX_SHOWN_ROWS]
        cells = {
            name: [table.rows[row][column] for row in shown] for column, name in enumerate(table.columns)
        }
        st.dataframe(
            {"Line": [table.line_numbers[row] for row in shown], **cells},
            hide_index=True,
            height="content" if len(shown) < 5 else 180,
        )
        if len(finding.rows) > len(shown):
            st.caption(f"The first {len(shown)} of {len(finding.rows):,} rows.")


def _show_chosen(file: TrainingFile, table: Table, config: FineTuneConfig, chosen: list[str]) -> None:
    """What was changed at the user's wish, and the way back."""
    gone = len(file.table.rows) - len(table.rows)
    renamed = _count_renamed(file.table, table, config.label_column)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"Mended at your wish: {count(gone, 'row')} left out, {count(renamed, 'label')} rewritten. "
            "The file on your disk is as it was."
        )
        st.button("Undo the last fix", on_click=chosen.remove, args=(chosen[-1],), type="tertiary")
        st.download_button(
            "The mended file (CSV)",
            lambda: _mended(file, table).content,
            file_name=_mended_name(file.name),
            mime="text/csv",
            on_click="ignore",
            key="mended-file",
        )


def _count_renamed(before: Table, after: Table, label: str) -> int:
    old = dict(zip(before.line_numbers, before.column(label), strict=True))
    return sum(old[line] != new for line, new in zip(after.line_numbers, after.column(label), strict=True))


def _apply_chosen(table: Table, config: FineTuneConfig, key: str, chosen: list[str]) -> Table:
    """The fixes one after the other: each is worked out on what the one before has left."""

    def mend() -> Table:
        from bert_explorer.training.doctor.examination import examine_rows

        mended = table
        for name in chosen:
            fixes = {finding.name: finding.fix for finding in examine_rows(mended, config)}
            fix = fixes.get(name)
            mended = apply_fix(mended, config.label_column, fix) if fix is not None else mended
        return mended

    return remember("doctor-fixes", (key, tuple(chosen)), mend)


def _examine(
    table: Table, config: FineTuneConfig, model: ModelInfo, key: str, chosen: list[str]
) -> tuple[Finding, ...]:
    """Remembered in three parts, since a new setting changes only the cheap ones."""
    from bert_explorer.training.doctor import examination

    asked = (key, tuple(chosen))
    in_rows = remember("doctor-rows", asked, lambda: examination.examine_rows(table, config))
    folder = find_folder(parse_reference(model.ref), get_settings())
    in_tokens = remember(
        "doctor-tokens",
        (*asked, model.ref, config.max_length),
        lambda: examination.examine_tokens(table, config, folder, model),
    )
    in_memory = examination.examine_memory(table, config, model)
    return examination.sort_by_severity([*in_rows, *in_tokens, *in_memory])


def _mended(file: TrainingFile, table: Table) -> TrainingFile:
    from bert_explorer.training.tables.writing import write_table

    return replace(file, name=_mended_name(file.name), content=write_table(table), table=table)


def _mended_name(name: str) -> str:
    return f"{PurePath(name).stem} (mended).csv"


def _file_key(file: TrainingFile, config: FineTuneConfig) -> str:
    columns = (config.text_column, config.label_column, config.pair_column, file.name)
    return hashlib.sha256(repr(columns).encode() + file.content).hexdigest()
