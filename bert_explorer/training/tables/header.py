"""Is the first row a header? If not, how shall the columns be called?"""

from collections.abc import Sequence

from bert_explorer.training.tables.columns import guess_column_names, is_known_name, is_number

MAX_NAME_CHARS = 50
MAX_NAME_WORDS = 6
MAX_SENTENCE_WORDS = 3  # longer, and ending like a sentence: a text


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Decides from the first row, and from whether its cells occur again in their columns.

    ``(text, label)`` is a header by its names. ``(ham, Go until jurong point, crazy..)`` is not:
    "ham" occurs again below, as labels do and names do not.
    """
    first = rows[0]
    recurs = [
        bool(cell.strip()) and any(row[index] == cell for row in rows[1:]) for index, cell in enumerate(first)
    ]
    if any(is_known_name(cell) and not again for cell, again in zip(first, recurs, strict=True)):
        return True
    return not any(recurs) and all(_could_be_name(cell) for cell in first)


def _could_be_name(cell: str) -> bool:
    words = cell.split()
    is_sentence = len(words) > MAX_SENTENCE_WORDS and words[-1][-1] in ".!?"
    too_long = len(cell) > MAX_NAME_CHARS or len(words) > MAX_NAME_WORDS
    return not (is_sentence or too_long or is_number(cell))


def name_columns(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Names for a table without header: ``text`` and ``label`` by content, ``column 3`` for the rest."""
    numbered = tuple(f"column {index}" for index in range(1, len(rows[0]) + 1))
    guess = guess_column_names(numbered, rows)
    named = {guess.text: "text", guess.label: "label"}
    return tuple(named.get(name, name) for name in numbered)
