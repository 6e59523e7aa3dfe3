"""Which prediction is explained: of a class, a number, a tag, the end of an answer, or a masked word."""

from typing import TYPE_CHECKING

import numpy as np

from bert_explorer.analysis.attention_summaries import find_prediction
from bert_explorer.analysis.attention_words import Units, word_units
from bert_explorer.analysis.classification import gives_number
from bert_explorer.analysis.evidence import Asked
from bert_explorer.errors import InputError, MaskError
from bert_explorer.models.evidence_requests import explained_head
from bert_explorer.results import Capability, FloatArray, Target, Tokens

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

BEGIN, END = "start", "end"
ENDS = (BEGIN, END)
NUMBER = "the number"
OUTSIDE = "O"
MAX_ANSWER_TOKENS = 30


def find_asked(
    engine: "Engine",
    text: str,
    pair: str | None = None,
    *,
    target: str | None = None,
    word: int | None = None,
    mask: int = 0,
) -> Asked:
    """The prediction ``target``: a class, a tag, a vocabulary word, or "start" or "end" of an answer.

    Without it: what the model finds likeliest, and where an answer begins. ``word`` (from 0, special tokens
    not counted) is the one whose tag is asked about, without it the first that has another tag than O;
    ``mask`` the number of the mask. Raises InputError for a target, word or mask that does not exist.
    """
    head = explained_head(engine.info)
    if head == Capability.TOKEN_CLASSIFICATION:
        return _find_tag(engine, text, pair, target, word)
    if head == Capability.QUESTION_ANSWERING:
        return _find_end(engine, text, pair, target)
    if gives_number(engine.info):
        if target not in (None, NUMBER, *engine.info.labels):
            raise InputError(f"'{engine.info.name}' gives one number and has no class '{target}'.")
        return Asked(text, pair, Target(0), NUMBER)
    found = find_prediction(engine, text, pair, mask=mask, target=target)
    if found is None:
        raise MaskError("The text has no mask. Put [MASK] in the place of the word to explain.")
    return Asked(text, pair, Target(found.target, found.position), found.name)


def ordinary_words(tokens: Tokens) -> Units:
    """The words of the text without special tokens."""
    units = word_units(tokens)
    return units.select([i for i, special in enumerate(units.is_special) if not special])


def _find_tag(engine: "Engine", text: str, pair: str | None, target: str | None, word: int | None) -> Asked:
    labels = engine.info.labels
    tokens = engine.tokenize(text, pair)
    words = ordinary_words(tokens)
    firsts = [group[0] for group in words.groups]
    logits = engine.token_logits(text, pair)[firsts]  # (num_words, num_labels)
    tags = [labels[i] for i in logits.argmax(axis=1)]
    if word is None:
        word = next((i for i, tag in enumerate(tags) if tag != OUTSIDE), 0)
    if not 0 <= word < len(words):
        raise InputError(f"There is no word {word}. Here they count from 0 to {len(words) - 1}.")
    chosen = tags[word] if target is None else target
    if chosen not in labels:
        raise InputError(f"There is no tag '{chosen}'. The model has: {', '.join(labels)}.")
    return Asked(text, pair, Target(labels.index(chosen), firsts[word]), f"{chosen} of {words.names[word]}")


def _find_end(engine: "Engine", text: str, pair: str | None, target: str | None) -> Asked:
    if pair is None:
        raise InputError("A question needs a text that holds its answer: give it as the second text.")
    wanted = target or BEGIN
    if wanted not in ENDS:
        raise InputError(f"There is no '{wanted}' of an answer. Choose one of: {', '.join(ENDS)}.")
    tokens = engine.tokenize(text, pair)
    span = best_span(
        engine.token_logits(text, pair), np.array([side == 1 for side in tokens.sequence_ids], dtype=bool)
    )
    answer = pair[int(tokens.offsets[span[0], 0]) : int(tokens.offsets[span[1], 1])].strip()
    index = ENDS.index(wanted)
    return Asked(text, pair, Target(index, span[index]), f"{wanted} of {answer}")


def best_span(logits: FloatArray, allowed: np.ndarray) -> tuple[int, int]:
    """First and last token of the likeliest answer: the largest start + end with start <= end.

    ``logits`` (seq_len, 2); ``allowed`` (seq_len,) True in the second text.
    """
    sums = logits[:, 0][:, None] + logits[:, 1][None, :]
    places = np.arange(len(logits))
    length = places[None, :] - places[:, None]
    possible = (length >= 0) & (length < MAX_ANSWER_TOKENS) & allowed[:, None] & allowed[None, :]
    first, last = np.unravel_index(int(np.where(possible, sums, -np.inf).argmax()), sums.shape)
    return int(first), int(last)
