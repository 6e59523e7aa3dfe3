"""The difference between two matrices of attention, where their axes can be laid over each other.

Two models that read the same text with the same tokens can be compared cell by cell. So can two texts that
differ in single words, such as "she said" and "he said": their tokens are as many, and most are the same.
"""

from bert_explorer.errors import InputError
from bert_explorer.results import Tokens

# Of the places but special tokens; with fewer the two are different texts that happen to be equally long
SHARE_EQUAL = 0.5


def align_tokens(first: Tokens, second: Tokens) -> tuple[str, ...]:
    """Names for the common axis; "she/he" where the two differ.

    Raises InputError that says why there is no common axis.
    """
    if len(first) != len(second):
        raise InputError(
            f"There is no difference to draw: the first has {len(first)} tokens and the second "
            f"{len(second)}, "
            "so their rows and columns do not belong together."
        )
    if first.sequence_ids != second.sequence_ids:
        raise InputError(
            "There is no difference to draw: the second sentence of a pair begins at another token, "
            "so rows and columns do not belong together."
        )
    pairs = zip(first.tokens, second.tokens, first.is_special, strict=True)
    equal = [one == other for one, other, special in pairs if not special]  # [CLS] is in every text
    if sum(equal) < SHARE_EQUAL * len(equal):
        raise InputError(
            f"There is no difference to draw: only {sum(equal)} of {len(equal)} tokens of the text are "
            "the same, so their rows and columns do not belong together."
        )
    names = zip(first.tokens, second.tokens, strict=True)
    return tuple(one if one == other else f"{one}/{other}" for one, other in names)
