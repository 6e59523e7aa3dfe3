"""Many texts from one box or one file, with or without a label for each."""

import random
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from bert_explorer.errors import InputError
from bert_explorer.settings import Settings

if TYPE_CHECKING:
    from bert_explorer.training.data import Table

MAX_TEXTS = 20_000  # minutes of work on two cores, and as many points as a figure can show fluidly


@dataclass(frozen=True)
class TextCollection:
    """``labels`` has one entry a text, or is None where no text has a label."""

    texts: tuple[str, ...]
    labels: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if len(self.texts) > MAX_TEXTS:
            raise InputError(
                f"There are {len(self.texts):,} texts; at most {MAX_TEXTS:,} are read. Keep fewer lines."
            )

    def sample(self, limit: int) -> "TextCollection":
        """All texts, or ``limit`` of them drawn at random (always the same), in their order."""
        if len(self.texts) <= limit:
            return self
        rows = sorted(random.Random(0).sample(range(len(self.texts)), limit))
        labels = None if self.labels is None else tuple(self.labels[row] for row in rows)
        return TextCollection(tuple(self.texts[row] for row in rows), labels)


def parse_lines(text: str) -> TextCollection:
    """One text a line, blank lines left out; ``label<TAB>text`` gives the line a label.

    That is what a spreadsheet's two columns look like when they are pasted.

    >>> parse_lines("food\\tShe baked bread.\\nIt rained.")
    TextCollection(texts=('She baked bread.', 'It rained.'), labels=('food', ''))
    """
    rows = [line.strip("\r\n").rpartition("\t") for line in text.splitlines() if line.strip()]
    labels = tuple(label.strip() for label, _, _ in rows)
    return TextCollection(tuple(content.strip() for _, _, content in rows), labels if any(labels) else None)


def is_plain_lines(filename: str, content: bytes) -> bool:
    """Whether an upload is a list of texts without columns: a .txt file without a tab."""
    return PurePath(filename).suffix.lower() == ".txt" and b"\t" not in content


def collect_columns(table: "Table", text_column: str, label_column: str | None) -> TextCollection:
    """Two columns of a table; rows whose text is blank are left out."""
    texts = table.column(text_column)
    labels = table.column(label_column) if label_column is not None else ("",) * len(texts)
    rows = [(text.strip(), label.strip()) for text, label in zip(texts, labels, strict=True) if text.strip()]
    kept_labels = tuple(label for _, label in rows) if label_column is not None else None
    return TextCollection(tuple(text for text, _ in rows), kept_labels)


def read_example(settings: Settings) -> str:
    """The 50 example sentences, one a line after its topic and a tab."""
    return (settings.assets / "examples" / "sentences.tsv").read_text(encoding="utf-8").strip()
