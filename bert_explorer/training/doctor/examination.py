"""All checks on one table, in the order in which a reader should mend."""

from collections.abc import Callable, Sequence
from pathlib import Path

from bert_explorer.errors import DataError
from bert_explorer.models.catalog import describe_model, find_folder
from bert_explorer.models.reference import parse_reference
from bert_explorer.results import IntArray, ModelInfo
from bert_explorer.settings import Settings
from bert_explorer.training.config import FineTuneConfig
from bert_explorer.training.data import labelled_texts
from bert_explorer.training.doctor.duplicates import check_conflicts, check_copies, check_near_copies
from bert_explorer.training.doctor.findings import Finding, Rows, Severity, rows_of
from bert_explorer.training.doctor.labels import (
    check_balance,
    check_near_misses,
    check_numbers,
    check_single_rows,
    check_spellings,
)
from bert_explorer.training.doctor.memory import check_memory
from bert_explorer.training.doctor.shingles import find_near_groups
from bert_explorer.training.doctor.texts import check_empty, check_giveaways, check_leaks
from bert_explorer.training.doctor.tokens import check_lengths, check_vocabulary, count_tokens
from bert_explorer.training.estimate import estimate_mean_tokens
from bert_explorer.training.examples import split_examples
from bert_explorer.training.memory import available_memory_bytes, estimate_memory_bytes
from bert_explorer.training.tables.table import Table

Check = Callable[[Rows], Finding | None]
SIMPLE_CHECKS: tuple[Check, ...] = (
    check_empty,
    check_spellings,
    check_near_misses,
    check_single_rows,
    check_numbers,
    check_conflicts,
    check_leaks,
    check_giveaways,
    check_copies,
)
SEVERITIES = list(Severity)


def examine(table: Table, config: FineTuneConfig, settings: Settings) -> tuple[Finding, ...]:
    """Everything that can be said before the start. Raises DataError or ModelError."""
    info = describe_model(config.model, settings)
    folder = find_folder(parse_reference(config.model), settings)
    return sort_by_severity(
        [
            *examine_rows(table, config),
            *examine_tokens(table, config, folder, info),
            *examine_memory(table, config, info),
        ]
    )


def examine_rows(table: Table, config: FineTuneConfig) -> tuple[Finding, ...]:
    """What the file alone shows, the gravest first. Raises DataError for a column that is not there."""
    rows = rows_of(table, config.text_column, config.label_column, config.pair_column)
    near = find_near_groups([rows.read(row) for row in range(len(rows))])
    found = [check(rows) for check in SIMPLE_CHECKS]
    found.append(check_near_copies(rows, near, _held_out(table, config)))
    found.append(check_balance(rows, held_out_share=config.held_out_share))
    return sort_by_severity(found)


def examine_tokens(
    table: Table, config: FineTuneConfig, folder: Path, info: ModelInfo
) -> tuple[Finding, ...]:
    """What shows when the texts meet the vocabulary of the model in ``folder``."""
    rows = rows_of(table, config.text_column, config.label_column, config.pair_column)
    counts = count_tokens(folder, rows)
    max_length = min(config.max_length, info.max_length)
    return sort_by_severity([check_vocabulary(counts, info.name), check_lengths(counts, max_length)])


def examine_memory(table: Table, config: FineTuneConfig, info: ModelInfo) -> tuple[Finding, ...]:
    """Whether this computer has the memory for the run now."""
    rows = rows_of(table, config.text_column, config.label_column, config.pair_column)
    tokens = estimate_mean_tokens([rows.read(row) for row in range(len(rows))])
    needed, free = estimate_memory_bytes(tokens, config, info), available_memory_bytes()
    return sort_by_severity([check_memory(needed, free)])


def _held_out(table: Table, config: FineTuneConfig) -> IntArray | None:
    """The rows that a run would measure with; None where a file cannot be split before it is mended."""
    try:
        data = labelled_texts(table, config)
        return split_examples(data, config).held_out
    except DataError:
        return None


def sort_by_severity(found: Sequence[Finding | None]) -> tuple[Finding, ...]:
    """The gravest first, otherwise in their order; None is left out."""
    findings = [finding for finding in found if finding is not None]
    return tuple(sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity)))
