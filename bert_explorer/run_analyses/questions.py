"""What can be asked of a finished run and takes long. A question names everything that its answer depends on.

VERSION of a question is raised whenever the same question would get another answer: an answer kept by an
earlier version is then known to be old.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from bert_explorer.errors import RunError
from bert_explorer.models.cache import Version, file_versions, folder_version
from bert_explorer.models.catalog import find_folder
from bert_explorer.models.reference import parse_reference
from bert_explorer.results import (
    Capability,
    ClassSummary,
    ModelMoves,
    ProbePair,
    PruningCurve,
    ShortcutReport,
)
from bert_explorer.run_analyses.rows import held_out_rows, held_out_texts
from bert_explorer.settings import Settings
from bert_explorer.training.run_folder import run_folder

if TYPE_CHECKING:
    from bert_explorer.analysis.head_importance import Row
    from bert_explorer.models.engine import Engine

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class RunQuestion(ABC):
    """Its fields are plain values; ``base`` is there where a second model is asked."""

    NAME: ClassVar[str]
    VERSION: ClassVar[int]
    ANSWER: ClassVar[type]

    def files(self, settings: Settings) -> Version:
        """Changes with the files beside the run that the answer rests on."""
        base = getattr(self, "base", None)
        return () if base is None else folder_version(find_folder(parse_reference(base), settings))

    @abstractmethod
    def measure(self, engine: "Engine", run_id: str, settings: Settings, progress: Progress) -> Any:
        """``engine`` holds the model of the run. What ``progress(done, total)`` raises ends the work."""


@dataclass(frozen=True)
class ClassWordsQuestion(RunQuestion):
    """Which words push most towards each class, over ``count`` held-out texts?"""

    NAME, VERSION, ANSWER = "class-words", 2, ClassSummary
    method: str
    count: int

    def measure(self, engine: "Engine", run_id: str, settings: Settings, progress: Progress) -> ClassSummary:
        from bert_explorer.analysis.class_words import summarize_classes

        texts = held_out_texts(run_id, settings, self.count)
        return summarize_classes(engine, texts, method=self.method, progress=progress)


@dataclass(frozen=True)
class ShortcutsQuestion(RunQuestion):
    """Which words decide by their mere presence, over ``count`` held-out texts?"""

    NAME, VERSION, ANSWER = "shortcuts", 1, ShortcutReport
    count: int

    def measure(
        self, engine: "Engine", run_id: str, settings: Settings, progress: Progress
    ) -> ShortcutReport:
        from bert_explorer.analysis.shortcuts import find_shortcuts

        return find_shortcuts(engine, held_out_texts(run_id, settings, self.count), progress=progress)


@dataclass(frozen=True)
class MovesQuestion(RunQuestion):
    """What did the training change against ``base``, on held-out texts?"""

    NAME, VERSION, ANSWER = "moved", 1, ModelMoves
    base: str

    def measure(self, engine: "Engine", run_id: str, settings: Settings, progress: Progress) -> ModelMoves:
        from bert_explorer.analysis.moved import compute_moves
        from bert_explorer.models.cache import open_model
        from bert_explorer.models.weight_changes import compare_weights

        rows = held_out_rows(run_id, settings)
        before = find_folder(parse_reference(self.base), settings)
        weights = compare_weights(before, run_folder(run_id, settings).model, engine.info)
        texts = [row.text for row in rows]
        pairs = [row.pair or "" for row in rows] if rows and rows[0].pair is not None else None
        with open_model(self.base) as base:
            return compute_moves(base, engine, texts, pairs, weights, progress=progress)


@dataclass(frozen=True)
class RunProbesQuestion(RunQuestion):
    """What can be read off each layer of ``base`` and of the tuned model?"""

    NAME, VERSION, ANSWER = "probes", 1, ProbePair
    base: str

    def measure(self, engine: "Engine", run_id: str, settings: Settings, progress: Progress) -> ProbePair:
        from bert_explorer.analysis.run_probes import probe_both
        from bert_explorer.models.cache import open_model
        from bert_explorer.training.run_rows import read_run_rows
        from bert_explorer.training.store import RunStore

        store = RunStore(settings.resolved_database_url)
        try:
            found = read_run_rows(store.get(run_id), settings)
        finally:
            store.close()
        with open_model(self.base) as base:
            return probe_both(base, engine, found.task, found.rows, found.held_out, progress=progress)


@dataclass(frozen=True)
class PruningQuestion(RunQuestion):
    """How many heads can go before the model gets worse, on ``count`` held-out texts or sentences?"""

    NAME, VERSION, ANSWER = "pruning", 1, PruningCurve
    count: int

    def files(self, settings: Settings) -> Version:
        """The treebank, though runs with classes do not read it: only their models tell them apart."""
        from bert_explorer.analysis.treebank import bundled_treebank_path

        return file_versions([bundled_treebank_path(settings)])

    def measure(self, engine: "Engine", run_id: str, settings: Settings, progress: Progress) -> PruningCurve:
        from bert_explorer.analysis.pruning import measure_pruning

        return measure_pruning(engine, self.rows(engine, run_id, settings), progress=progress)

    def rows(self, engine: "Engine", run_id: str, settings: Settings) -> "list[Row]":
        """What is measured on. Raises RunError for a run with classes and without held-out rows."""
        from bert_explorer.analysis.head_importance import Row
        from bert_explorer.analysis.pruning import treebank_rows

        if Capability.MASKED_LM in engine.info.capabilities:
            return treebank_rows(engine, self.count, settings)
        labels = engine.info.labels
        held_out = held_out_rows(run_id, settings)[: self.count]
        return [Row(row.text, row.pair, label=labels.index(row.true_label)) for row in held_out]


QUESTIONS: dict[str, type[RunQuestion]] = {
    kind.NAME: kind
    for kind in (ClassWordsQuestion, ShortcutsQuestion, MovesQuestion, RunProbesQuestion, PruningQuestion)
}


def write_question(question: RunQuestion) -> str:
    """The same text for equal questions: what the queue and the kept answers know them by."""
    return json.dumps({"ask": question.NAME, **asdict(question)}, sort_keys=True)


def read_question(text: str) -> RunQuestion:
    """The inverse. Raises RunError for what this version cannot ask."""
    try:
        values = json.loads(text)
        return QUESTIONS[values.pop("ask")](**values)
    except (KeyError, TypeError, ValueError) as error:
        raise RunError(
            f"This version of BERT Explorer cannot measure {text}. Ask again on the page."
        ) from error
