"""Which words made a model say what it says."""

from dataclasses import dataclass

from bert_explorer.results.arrays import FloatArray
from bert_explorer.results.model import Tokens


@dataclass(frozen=True)
class Target:
    """One prediction to explain.

    ``index`` is the class, the tag, the vocabulary entry, or of an answer 0 for its first token and 1 for
    its last. ``position`` is the token that it is about: the tagged one, the mask, or the answer's first or
    last; None for a whole text.
    """

    index: int
    position: int | None = None


@dataclass(frozen=True)
class PathGradients:
    """Slopes of the evidence along a line of inputs, which runs from 0 to 1 (see models/evidence).

    ``slopes[i, token]`` is the part of one token in the derivative at ``points[i]``: a row sums to it.
    """

    tokens: Tokens
    points: tuple[float, ...]
    slopes: FloatArray  # (num_points, seq_len)
    evidence: FloatArray  # (num_points,) in nats


@dataclass(frozen=True)
class Attributions:
    """What each token or word does for one prediction, by several methods (see analysis/attributions).

    ``scores[m]`` is by ``methods[m]``, over words where ``by_words``, else over tokens. ``evidence`` is the
    log-odds of the prediction in nats (a number of its own for regression), ``likelihood`` its probability
    (the same number). Integrated gradients should sum to ``change``, the evidence minus that of the baseline,
    and miss it by ``gap``; they took ``num_points`` points.
    """

    tokens: Tokens
    target: Target
    name: str
    evidence: float
    likelihood: float
    by_words: bool
    methods: tuple[str, ...]
    scores: FloatArray  # (len(methods), num_units)
    change: float
    gap: float
    num_points: int

    @property
    def completeness_error(self) -> float:
        """The gap as a share of the change."""
        return self.gap / abs(self.change) if self.change else self.gap


@dataclass(frozen=True)
class FaithfulnessCurves:
    """The likelihood of a prediction while words are hidden, or shown, in the order of each method.

    ``shares`` of the words are hidden (``deletion``) or shown (``insertion``), those of the highest scores
    first. A faithful order has a small area under its curve of deletion, a large one of insertion.
    """

    methods: tuple[str, ...]
    shares: FloatArray  # (num_steps + 1,) from 0 to 1
    deletion: FloatArray  # (len(methods), num_steps + 1)
    insertion: FloatArray  # (len(methods), num_steps + 1)
    random_deletion: FloatArray  # (num_random, num_steps + 1)
    random_insertion: FloatArray  # (num_random, num_steps + 1)


@dataclass(frozen=True)
class WordPush:
    """A word's mean score in ``num_texts`` texts, where it stands ``count`` times."""

    word: str
    mean: float
    count: int
    num_texts: int


@dataclass(frozen=True)
class ClassWords:
    """The words of the texts that are sorted into ``label``, those that push most first."""

    label: str
    num_texts: int
    words: tuple[WordPush, ...]


@dataclass(frozen=True)
class ClassSummary:
    """``classes`` are those that the model gives to a text at all, in the order of its labels."""

    method: str
    num_texts: int
    classes: tuple[ClassWords, ...]


@dataclass(frozen=True)
class Flip:
    """A text whose class became ``after`` by one word."""

    text: str
    before: str
    after: str


@dataclass(frozen=True)
class Shortcut:
    """How often the mere presence of ``word`` decides for ``label`` (see analysis/shortcuts).

    Without it, ``num_lost`` of the ``num_with`` texts of this class that hold it get another class; with it
    in front, ``num_won`` of ``num_others`` texts of other classes get this one.
    """

    word: str
    label: str
    num_with: int
    num_lost: int
    num_others: int
    num_won: int
    lost: tuple[Flip, ...] = ()
    won: tuple[Flip, ...] = ()


@dataclass(frozen=True)
class ShortcutReport:
    """``controls[label]``: (won, tried) with a word of the texts drawn by chance in front."""

    num_texts: int
    labels: tuple[str, ...]
    shortcuts: tuple[Shortcut, ...]  # by label, then those that win or lose most first
    controls: dict[str, tuple[int, int]]
