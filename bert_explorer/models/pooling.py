"""One vector for each text of a padded batch, as sentence-transformers pools.

    mean    sum of the token vectors / their number, special tokens included
    max     the largest value of each dimension over the tokens
    cls     the first token's vector

Padding never takes part.
"""

from collections.abc import Sequence

import torch
from torch import Tensor


def pool(hidden: Tensor, lengths: Sequence[int], pooling: str) -> Tensor:
    """(batch, seq_len, hidden_size), of which row i has ``lengths[i]`` tokens -> (batch, hidden_size)."""
    if pooling == "cls":
        return hidden[:, 0]
    if min(lengths) == hidden.shape[1]:  # nothing is padded
        return hidden.mean(dim=1) if pooling == "mean" else hidden.amax(dim=1)
    sizes = torch.tensor(lengths, device=hidden.device)[:, None]  # (batch, 1)
    is_padding = (torch.arange(hidden.shape[1], device=hidden.device) >= sizes)[..., None]
    if pooling == "mean":
        return hidden.masked_fill(is_padding, 0).sum(dim=1) / sizes
    return hidden.masked_fill(is_padding, -torch.inf).amax(dim=1)
