"""Which waiting requests share the next forward pass.

The oldest request always goes. Others of the same kind join in order of how near their length is, as long
as padding stays small: a batch is as slow as its longest text times its size, so a text of 10 tokens
beside one of 500 costs as much as a second long one.

>>> choose_batch([("a", 10), ("a", 500), ("b", 11), ("a", 12)], max_tokens=8192)
[0, 3]
"""

from collections.abc import Hashable, Sequence

MAX_PADDED_SHARE = 0.25  # of a batch's tokens
FREE_PADDING = 64  # tokens of padding that cost less than a forward pass of their own


def choose_batch(waiting: Sequence[tuple[Hashable, int]], max_tokens: int) -> list[int]:
    """Indices of the requests to run together, the oldest (index 0) first.

    ``waiting`` holds a (kind, length in tokens) for each request, oldest first; kinds must be equal
    within a batch. A single request may exceed ``max_tokens``, a batch of several may not.
    """
    kind, length = waiting[0]
    alike = [i for i in range(1, len(waiting)) if waiting[i][0] == kind]
    alike.sort(key=lambda i: abs(waiting[i][1] - length))
    chosen = [0]
    longest = tokens = length
    for i in alike:
        new_longest, new_tokens = max(longest, waiting[i][1]), tokens + waiting[i][1]
        padded = new_longest * (len(chosen) + 1)
        if padded > max_tokens or padded - new_tokens > max(FREE_PADDING, MAX_PADDED_SHARE * padded):
            break
        chosen.append(i)
        longest, tokens = new_longest, new_tokens
    return chosen
