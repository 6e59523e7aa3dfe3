"""From a word that a person typed to the vocabulary entries that stand for it at a mask.

A mask stands for exactly one token. The fill-mask pipeline of transformers silently scores the
first piece of a longer word; here that is an error which shows the pieces (``find_target_id``), or all
pieces are scored (see ``word_scores``).

Some vocabularies keep the blank before a word in the token (RoBERTa: ``Ġparis``, XLM-R: ``▁paris``).
Which form is meant follows from the character before the mask: in "in <mask>." the word stands
after a blank, in "un<mask>" it does not.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING

from bert_explorer.errors import EmptyTextError, TargetError
from bert_explorer.models.requests import TokenizeRequest
from bert_explorer.results import Tokens

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

UNKNOWN_TOKENS = frozenset({"[UNK]", "<unk>"})
MAX_PIECES_SHOWN = 12
MAX_SHOWN = 60  # characters of a word in a message
READ_AHEAD = 64


def find_target_id(engine: "Engine", word: str, tokens: Tokens, position: int) -> int:
    """Vocabulary id of a word at the mask in ``position``.

    The word is read as the tokenizer reads it (an uncased model lower-cases it); a token written as
    the vocabulary has it (``##ing``) is accepted too. Raises TargetError where no single token fits.
    """
    bare = word.strip()
    ids = read_words(engine, [bare], tokens, position)[bare]
    if len(ids) == 1:
        return ids[0]
    raise TargetError(_explain(bare, [engine.vocabulary[token_id] for token_id in ids]))


def read_words(
    engine: "Engine", words: Sequence[str], tokens: Tokens, position: int
) -> dict[str, tuple[int, ...]]:
    """Ids of the pieces of each word at the mask in ``position``: one where any reading gives one.

    Raises TargetError for a word without letters that the vocabulary knows.
    """
    if not all(words):
        raise TargetError("A target word is empty. Type a word, or leave the targets out.")
    forms = ("{}", " {}") if not follows_blank(tokens, position) else (" {}", "{}")
    readings = [list(_read_all(engine, [form.format(word) for word in words])) for form in forms]
    index = {token: i for i, token in enumerate(engine.vocabulary)}
    found = {}
    for word, *ways in zip(words, *readings, strict=True):
        known = [ids for ids in ways if not UNKNOWN_TOKENS & {engine.vocabulary[i] for i in ids}]
        single = next((ids for ids in known if len(ids) == 1), None)
        if single is None and word in index:
            single = (index[word],)
        found[word] = single or _first_known(word, ways[0], ways[0] in known)
    return found


def _first_known(word: str, ids: tuple[int, ...], known: bool) -> tuple[int, ...]:
    if not ids or not known:
        raise TargetError(
            f"'{shorten_word(word)}' has characters that the model's vocabulary does not know. "
            "Try another word."
        )
    return ids


def shorten_word(word: str) -> str:
    """The word for a message."""
    return word if len(word) <= MAX_SHOWN else word[:MAX_SHOWN] + "..."


def follows_blank(tokens: Tokens, position: int) -> bool:
    """Whether a blank stands before the token, or in it (a mask token may swallow its blank)."""
    text = (tokens.pair or "") if tokens.sequence_ids[position] == 1 else tokens.text
    start = int(tokens.offsets[position, 0])
    return text[start : start + 1].isspace() or text[max(start - 1, 0) : start].isspace()


def _read_all(engine: "Engine", forms: Sequence[str]) -> Iterator[tuple[int, ...]]:
    """Ids of the pieces of each, without special tokens; none where the tokenizer drops all of it."""
    futures: deque[Future[Tokens]] = deque()
    for form in forms:
        if len(futures) >= READ_AHEAD:
            yield _ids_of(futures.popleft())
        futures.append(engine.submit(TokenizeRequest(form)))
    while futures:
        yield _ids_of(futures.popleft())


def _ids_of(future: "Future[Tokens]") -> tuple[int, ...]:
    try:
        tokens = future.result()
    except EmptyTextError:
        return ()
    return tuple(tokens.input_ids[~tokens.is_special].tolist())


def _explain(word: str, pieces: list[str]) -> str:
    shown = " + ".join(pieces[:MAX_PIECES_SHOWN]) + (" + ..." if len(pieces) > MAX_PIECES_SHOWN else "")
    return (
        f"'{shorten_word(word)}' is not one entry of the model's vocabulary: it splits into {shown} "
        f"({len(pieces)} tokens), and a mask stands for one token. Try a more common word, "
        "or one of these pieces."
    )
