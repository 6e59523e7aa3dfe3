"""From a word that a person typed to the one vocabulary entry that a mask can stand for.

A mask stands for exactly one token. The fill-mask pipeline of transformers silently scores the
first piece of a longer word; here that is an error which shows the pieces.

Some vocabularies keep the blank before a word in the token (RoBERTa: ``Ġparis``, XLM-R: ``▁paris``).
Which form is meant follows from the character before the mask: in "in <mask>." the word stands
after a blank, in "un<mask>" it does not.
"""

from typing import TYPE_CHECKING

from bert_explorer.errors import EmptyTextError, TargetError
from bert_explorer.results import Tokens

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

UNKNOWN_TOKENS = frozenset({"[UNK]", "<unk>"})
MAX_PIECES_SHOWN = 12


def find_target_id(engine: "Engine", word: str, tokens: Tokens, position: int) -> int:
    """Vocabulary id of a word at the mask in ``position``.

    The word is read as the tokenizer reads it (an uncased model lower-cases it); a token written as
    the vocabulary has it (``##ing``) is accepted too. Raises TargetError where no single token fits.
    """
    bare = word.strip()
    if not bare:
        raise TargetError("A target word is empty. Type a word, or leave the targets out.")
    forms = [" " + bare, bare] if follows_blank(tokens, position) else [bare, " " + bare]
    readings = [_read(engine, form) for form in forms]
    for reading in readings:
        if len(reading) == 1 and engine.vocabulary[reading[0]] not in UNKNOWN_TOKENS:
            return reading[0]
    if bare in engine.vocabulary:
        return engine.vocabulary.index(bare)
    raise TargetError(_explain(bare, [engine.vocabulary[token_id] for token_id in readings[0]]))


def follows_blank(tokens: Tokens, position: int) -> bool:
    """Whether a blank stands before the token, or in it (a mask token may swallow its blank)."""
    text = (tokens.pair or "") if tokens.sequence_ids[position] == 1 else tokens.text
    start = int(tokens.offsets[position, 0])
    return text[start : start + 1].isspace() or text[max(start - 1, 0) : start].isspace()


def _read(engine: "Engine", form: str) -> list[int]:
    """Ids of the pieces of a word, without special tokens; none where the tokenizer drops all of it."""
    try:
        tokens = engine.tokenize(form)
    except EmptyTextError:
        return []
    ids: list[int] = tokens.input_ids[~tokens.is_special].tolist()
    return ids


def _explain(word: str, pieces: list[str]) -> str:
    if not pieces or UNKNOWN_TOKENS & set(pieces):
        return f"'{word}' has characters that the model's vocabulary does not know. Try another word."
    shown = " + ".join(pieces[:MAX_PIECES_SHOWN]) + (" + ..." if len(pieces) > MAX_PIECES_SHOWN else "")
    return (
        f"'{word}' is not one entry of the model's vocabulary: it splits into {shown} "
        f"({len(pieces)} tokens), and a mask stands for one token. Try a more common word, "
        "or one of these pieces."
    )
