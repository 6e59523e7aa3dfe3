"""What a finished run's model says about its held-out rows, kept beside the model."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from bert_explorer.errors import RunError
from bert_explorer.training.run_folder import RunFolder


@dataclass(frozen=True)
class HeldOutWord:
    """One word of a text whose words have tags.

    Probabilities are None for a word beyond the length limit, which was not read. ``rather`` is the tag that
    the model would give with its usual certainty for that tag, where it is suspected that ``true`` is wrong.
    """

    word: str
    true: str
    given: str
    probability: float | None
    true_probability: float | None
    rather: str | None = None


@dataclass(frozen=True)
class HeldOutRow:
    """``line`` is its line in the uploaded file; ``probabilities`` follow the run's labels.

    ``words`` where words have tags; ``true_labels`` where a text has several labels, or a
    question several right answers.
    """

    line: int
    text: str
    pair: str | None
    true_label: str
    predicted_label: str
    probabilities: tuple[float, ...]
    words: tuple[HeldOutWord, ...] = ()
    true_labels: tuple[str, ...] = ()

    @property
    def is_right(self) -> bool:
        return self.true_label == self.predicted_label


def write_predictions(folder: RunFolder, rows: list[HeldOutRow]) -> None:
    """Replaces the file in one step."""
    unfinished = folder.predictions.with_suffix(".unfinished")
    unfinished.write_text(json.dumps([asdict(row) for row in rows]), encoding="utf-8")
    unfinished.replace(folder.predictions)


def read_predictions(folder: RunFolder) -> tuple[HeldOutRow, ...]:
    """In the order of the file. Raises RunError for a run that has none."""
    try:
        rows = json.loads(folder.predictions.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RunError(
            "There are no held-out rows beside this run: it has not finished, it was imported, or it learned "
            "from a text without labels."
        ) from None
    return tuple(_to_row(row) for row in rows)


def _to_row(values: dict[str, Any]) -> HeldOutRow:
    tuples = {name: tuple(values.get(name, ())) for name in ("probabilities", "true_labels")}
    words = tuple(HeldOutWord(**word) for word in values.get("words", ()))
    return HeldOutRow(**{**values, **tuples, "words": words})
