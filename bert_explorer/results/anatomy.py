"""One layer, step by step."""

from dataclasses import dataclass

from bert_explorer.results.arrays import FloatArray
from bert_explorer.results.model import Tokens


@dataclass(frozen=True)
class Disentangled:
    """How DeBERTa scores distances: ``terms`` of "c2p" (query against distance) and "p2c" (key against it).

    ``span`` is half the number of rows in the table of distances; with ``buckets`` > 0 far distances up to
    ``reach`` share rows.
    """

    terms: tuple[str, ...]
    span: int
    buckets: int
    reach: int


@dataclass(frozen=True)
class Blueprint:
    """What recomputing a network must know beyond its weights.

    ``position_pad_id`` is set where positions count only tokens other than this one, from the number
    behind it (RoBERTa and its kin). ``windows[layer]`` is how far a query may look to either side, None for
    all tokens; ``rotary_bases[layer]`` the base of the rotation by position. Both are empty for families
    that have no such thing.
    """

    family: str
    num_layers: int
    num_heads: int
    activation: str  # of the feed-forward part: gelu, gelu_new, relu ...
    head_activation: str  # of the head that names words
    position_pad_id: int | None = None
    pre_norm: bool = False  # norms before attention and feed-forward, not behind their residuals
    windows: tuple[int | None, ...] = ()
    rotary_bases: tuple[float, ...] = ()
    disentangled: Disentangled | None = None  # DeBERTa


@dataclass(frozen=True)
class PartWeights:
    """Weights of one part of a network, read-only, by the names of ``models/anatomies.py``.

    ``arrays["NAME.weight"]`` of a linear map is (out, in), as it is stored; ``epsilons`` are the norms'.
    """

    arrays: dict[str, FloatArray]
    epsilons: dict[str, float]


@dataclass(frozen=True)
class PartSteps:
    """What the modules of one part of a network took in and gave out for one text, without batch axis.

    ``arrays["NAME.input"]`` and ``arrays["NAME.output"]`` by the names of ``models/anatomies.py``; further
    "output", the hidden states behind the part (seq_len, hidden_size), and of a layer "attentions"
    (num_heads, query, key).
    """

    tokens: Tokens
    arrays: dict[str, FloatArray]
