"""What crosses from one layer to another: frozen dataclasses of plain values and numpy arrays.

No torch tensor ever leaves ``models/``, ``training/`` or ``pretraining/``. Axes are named in the
order in which they are stored. Layers, heads and positions count from 0 here; pages print from 1.

Words used throughout:
    position    the index of a token in the sequence that the model reads, [CLS] and [SEP] included
    word        a piece of text between blanks or punctuation; one or several tokens
    special     a token that the tokenizer added ([CLS], [SEP], <s>, </s>)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int64]


class Capability(StrEnum):
    """What a checkpoint can answer, read from its config and weights, never from its name."""

    MASKED_LM = "fill-mask"
    NEXT_SENTENCE = "next-sentence"
    SEQUENCE_CLASSIFICATION = "text-classification"
    TOKEN_CLASSIFICATION = "token-classification"
    QUESTION_ANSWERING = "question-answering"
    EMBEDDINGS = "embeddings"
    ATTENTIONS = "attentions"


@dataclass(frozen=True)
class ModelInfo:
    """What is known of a model before (and after) its weights are read.

    ``max_length`` is the largest number of tokens of one input, special tokens included.
    ``labels`` are the names of the classes in the order of the logits, empty without a class head.
    ``problem_type`` is the config's: "" or "single_label_classification" (softmax over the logits),
    "multi_label_classification" (a sigmoid each) or "regression" (no probabilities).
    """

    ref: str  # bundled, run:ID, local:NAME, org/name, org/name@revision
    name: str
    family: str  # the config's model_type: bert, distilbert, ...
    num_layers: int
    num_heads: int
    hidden_size: int
    vocab_size: int
    max_length: int
    num_parameters: int
    size_bytes: int
    capabilities: frozenset[Capability]
    labels: tuple[str, ...] = ()
    mask_token: str | None = None
    problem_type: str = ""


@dataclass(frozen=True)
class Tokens:
    """One text, or a pair, as the model reads it.

    All sequences have length seq_len. ``word_ids[i]`` is the index of the word in its own text
    (None for special tokens), ``sequence_ids[i]`` is 0 or 1 for the first or second text (None for
    special tokens), ``offsets[i]`` the characters [start, end) in that text.
    ``num_dropped`` tokens were cut off at the model's limit (0 where truncation was not allowed).
    """

    text: str
    pair: str | None
    tokens: tuple[str, ...]
    input_ids: IntArray  # (seq_len,)
    word_ids: tuple[int | None, ...]
    sequence_ids: tuple[int | None, ...]
    offsets: IntArray  # (seq_len, 2)
    num_dropped: int = 0

    def __len__(self) -> int:
        return len(self.tokens)

    @property
    def is_special(self) -> NDArray[np.bool_]:
        """(seq_len,) True where the tokenizer added the token."""
        return np.array([sequence is None for sequence in self.sequence_ids], dtype=bool)


@dataclass(frozen=True)
class MaskLogits:
    """Vocabulary logits at the mask positions of one input, and nowhere else."""

    tokens: Tokens
    positions: IntArray  # (num_masks,)
    logits: FloatArray  # (num_masks, vocab_size)


@dataclass(frozen=True)
class LayerLogits:
    """The masked-word head on every layer's output at one mask: row 0 is the embedding output."""

    tokens: Tokens
    position: int
    logits: FloatArray  # (num_layers + 1, vocab_size)


@dataclass(frozen=True)
class CopyScores:
    """What the model says at the place that each of ``num_copies`` masked copies of a text asks about.

    Log-probabilities are natural. ``ranks`` count from 1 over the whole vocabulary.
    """

    tokens: Tokens
    log_probabilities: FloatArray  # (num_copies,) of the token that stood there
    ranks: IntArray  # (num_copies,) of the same token
    best_ids: IntArray  # (num_copies, top_k), likeliest first
    best_log_probabilities: FloatArray  # (num_copies, top_k)


@dataclass(frozen=True)
class TokenProbability:
    """One candidate. ``rank`` counts from 1 over the whole vocabulary."""

    token: str
    token_id: int
    probability: float
    rank: int


@dataclass(frozen=True)
class MaskPrediction:
    """The model's distribution at one mask: its best candidates, and the targets asked for."""

    position: int
    predictions: tuple[TokenProbability, ...]
    targets: tuple[TokenProbability, ...] = ()


@dataclass(frozen=True)
class MaskedWords:
    """Answer to "which words fit here?": one prediction a mask, independent of each other.

    ``words`` are the reader's own, scored at each mask: one tuple a mask, or none at all.
    """

    tokens: Tokens
    masks: tuple[MaskPrediction, ...]
    words: tuple[tuple["WordScore", ...], ...] = ()

    def words_at(self, mask: int) -> tuple["WordScore", ...]:
        """The reader's words at mask number ``mask``."""
        return self.words[mask] if self.words else ()


@dataclass(frozen=True)
class TextScore:
    """How expected each token of a text is when it alone is hidden. Log-probabilities are natural.

    ``word_ids[i]`` numbers the words of the whole text from 0. ``left_to_right[i]`` is the log-probability
    with the later pieces of the same word hidden too, so that their sum over a word is the word's own;
    None where words were not asked for.
    ``guesses[i]`` is what the model finds likeliest there. A text that is longer than the model reads at
    once was read in ``num_windows`` overlapping windows.
    """

    text: str
    tokens: tuple[str, ...]
    word_ids: tuple[int, ...]
    starts: IntArray  # (num_tokens,) first character
    ends: IntArray  # (num_tokens,) after the last character
    log_probabilities: FloatArray  # (num_tokens,)
    left_to_right: FloatArray | None  # (num_tokens,)
    ranks: IntArray  # (num_tokens,) in the vocabulary, from 1
    guesses: tuple[str, ...]
    guess_log_probabilities: FloatArray  # (num_tokens,)
    num_windows: int = 1

    @property
    def pseudo_log_likelihood(self) -> float:
        return float(self.log_probabilities.sum(dtype=np.float64))

    @property
    def pseudo_perplexity(self) -> float:
        return float(np.exp(-self.pseudo_log_likelihood / len(self.tokens)))

    @property
    def surprisal_bits(self) -> FloatArray:
        """(num_tokens,)"""
        bits: FloatArray = np.asarray(-self.log_probabilities / np.log(2), dtype=np.float32)
        return bits


@dataclass(frozen=True)
class WordScore:
    """A word in the place of a mask. ``pieces`` are its tokens, ``log_probabilities`` natural, one each.

    ``rank`` counts the single tokens of the vocabulary that are likelier, plus one.
    """

    word: str
    pieces: tuple[str, ...]
    log_probabilities: tuple[float, ...]
    rank: int

    @property
    def log_probability(self) -> float:
        return sum(self.log_probabilities)

    @property
    def probability(self) -> float:
        return float(np.exp(self.log_probability))


@dataclass(frozen=True)
class LayerGuess:
    """What one layer's output says at a mask, and where it puts the word that the last layer chooses."""

    layer: int  # 0 is the embedding output
    best: tuple[TokenProbability, ...]
    final: TokenProbability


@dataclass(frozen=True)
class ConfidenceBin:
    """Guesses whose probability lay in [low, high): how sure the model was, and how often it was right."""

    low: float
    high: float
    count: int
    num_right: int
    mean_probability: float

    @property
    def share_right(self) -> float:
        return self.num_right / self.count


@dataclass(frozen=True)
class Calibration:
    """First guesses by their probability; empty bins are left out. ``expected_error`` is a mean gap."""

    bins: tuple[ConfidenceBin, ...]
    num_guesses: int
    num_right: int
    mean_probability: float
    expected_error: float


@dataclass(frozen=True)
class NextSentence:
    """``is_next_probability``: that ``second`` followed ``first`` in a text, by the NSP head."""

    first: str
    second: str
    is_next_probability: float


@dataclass(frozen=True)
class Attention:
    """Attention weights of the layers asked for; every query row sums to 1.

    ``attentions[i, head, query, key]`` belongs to layer ``layers[i]``.
    """

    tokens: Tokens
    layers: tuple[int, ...]
    attentions: FloatArray  # (len(layers), num_heads, seq_len, seq_len)


@dataclass(frozen=True)
class CompactAttention:
    """The same weights in half precision, for texts so long that single precision is too much to keep.

    A weight is off by at most 0.05 % of itself; what is below 0.00000003 is 0.
    """

    tokens: Tokens
    layers: tuple[int, ...]
    half_attentions: NDArray[np.float16]  # (len(layers), num_heads, seq_len, seq_len)

    @property
    def num_heads(self) -> int:
        return int(self.half_attentions.shape[1])

    def expand(self, layers: Sequence[int] | None = None) -> Attention:
        """The weights of some layers (all without a choice) in single precision."""
        chosen = self.layers if layers is None else tuple(layers)
        rows = [self.layers.index(layer) for layer in chosen]
        return Attention(self.tokens, chosen, self.half_attentions[rows].astype(np.float32))


@dataclass(frozen=True)
class ValueNorms:
    """How long the vectors are that attention mixes (Kobayashi et al. 2020).

    Head h of a layer adds ``sum_j A[h, i, j] f_h(x_j)`` to token i, where ``f_h(x_j)`` is the value vector of
    token j carried through the head's part of the output projection. ``vector_norms`` are ``|f_h(x_j)|``,
    ``mixed_norms`` are ``|sum_h A[h, i, j] f_h(x_j)|``: what all heads together bring from j to i.
    """

    tokens: Tokens
    layers: tuple[int, ...]
    vector_norms: FloatArray  # (len(layers), num_heads, key)
    mixed_norms: FloatArray  # (len(layers), query, key)


@dataclass(frozen=True)
class AttentionGradients:
    """``products[i, head, query, key]`` = weight times the derivative of ``log_probability`` by it, in nats.

    To first order it is what the log probability would lose if this one weight were 0.
    """

    tokens: Tokens
    layers: tuple[int, ...]
    products: FloatArray  # (len(layers), num_heads, seq_len, seq_len)
    log_probability: float


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


@dataclass(frozen=True)
class AttentionSummaries:
    """Scores of every token by several methods, for one prediction (see analysis/attention_summaries).

    ``scores[m, j]`` is by ``methods[m]``. They are seen from the token at ``position``. ``prediction`` is the
    word or class asked about, with its log probability in nats; "" and None where the model predicts nothing.
    """

    tokens: Tokens
    methods: tuple[str, ...]
    scores: FloatArray  # (len(methods), seq_len)
    position: int
    prediction: str
    log_probability: float | None


@dataclass(frozen=True)
class HeadRelations:
    """How often each attention head points along each dependency relation of a treebank.

    ``hits[direction, relation, layer, head]`` of ``counts[relation]`` cases, direction 0: the dependent
    attends most to its head word; 1: the head word attends most to the dependent. ``offsets[relation]`` is
    the fixed distance (head word - dependent, in words) that is right most often: ``offset_hits`` times.
    """

    relations: tuple[str, ...]  # by number of cases, most first
    counts: IntArray  # (num_relations,)
    hits: IntArray  # (2, num_relations, num_layers, num_heads)
    offsets: IntArray  # (num_relations,)
    offset_hits: IntArray  # (num_relations,)
    num_sentences: int
    num_skipped: int  # sentences that do not fit into the model, or hold nothing to read


@dataclass(frozen=True)
class HeadAtlas:
    """Statistics of every head over some texts (see analysis/head_statistics).

    ``values[i, layer, head]`` is the statistic ``statistics[i]``, NaN where no token could be counted.
    ``distances`` are roots of mean Jensen-Shannon divergences, heads in the order of layers, then heads.
    """

    statistics: tuple[str, ...]
    values: FloatArray  # (num_statistics, num_layers, num_heads)
    distances: FloatArray  # (num_layers * num_heads, num_layers * num_heads)
    num_texts: int
    num_tokens: int

    def statistic(self, name: str) -> FloatArray:
        """(num_layers, num_heads) of one of ``statistics``."""
        values: FloatArray = self.values[self.statistics.index(name)]
        return values


@dataclass(frozen=True)
class WithoutHeads:
    """Answers with the heads (layer, head) in ``ablated`` off; None for what the model cannot say.

    ``words`` is None for a text without a mask; ``perplexity`` is that of the tokens that are no masks.
    """

    ablated: tuple[tuple[int, int], ...]
    words: MaskedWords | None
    probabilities: FloatArray | None  # (num_labels,)
    perplexity: float | None


@dataclass(frozen=True)
class HeadsComparison:
    """The same questions with all heads and without some; targets at masks are the best words of both."""

    whole: WithoutHeads
    without: WithoutHeads


@dataclass(frozen=True)
class PruningCurve:
    """What a model is worth with ``num_off[i]`` heads switched off (see analysis/pruning).

    ``measure`` is "accuracy" (higher is better) or "loss" (nats, lower is better), over ``num_measured``
    texts. ``order`` lists all heads (layer, head) in the order in which the greedy way lets them go.
    """

    measure: str
    num_off: IntArray  # (num_steps + 1,)
    greedy: FloatArray  # (num_steps + 1,)
    random: FloatArray  # (num_random, num_steps + 1)
    order: tuple[tuple[int, int], ...]
    num_measured: int


@dataclass(frozen=True)
class RelationHead:
    """One head on one relation: its accuracy with its 95 % interval, beside the best fixed offset's."""

    relation: str
    direction: int
    layer: int
    head: int
    accuracy: float
    interval: tuple[float, float]
    baseline: float
    offset: int
    count: int


@dataclass(frozen=True)
class HiddenStates:
    """Outputs of the layers asked for: 0 is the embedding output, ``num_layers`` the last layer.

    ``hidden_states[i]`` belongs to layer ``layers[i]``.
    """

    tokens: Tokens
    layers: tuple[int, ...]
    hidden_states: FloatArray  # (len(layers), seq_len, hidden_size)


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


@dataclass(frozen=True)
class Embeddings:
    """One vector a row: a whole text, or one token of a text.

    ``rows[i]`` names the text that vector i came from (its index in the input), ``items[i]`` is
    what to print for it: the text, or the token.
    """

    vectors: FloatArray  # (num_items, hidden_size)
    items: tuple[str, ...]
    rows: tuple[int, ...]
    layer: int
    pooling: str  # mean, cls or token


@dataclass(frozen=True)
class Projection:
    """Vectors drawn in 2 or 3 dimensions. ``explained_variance`` is the share kept, PCA only."""

    coordinates: FloatArray  # (num_items, 2 or 3)
    method: str  # pca or tsne
    seed: int
    explained_variance: tuple[float, ...] = ()


@dataclass(frozen=True)
class Classification:
    """Probabilities of one input over a classifier's labels, in the order of ``labels``."""

    text: str
    labels: tuple[str, ...]
    probabilities: FloatArray  # (num_labels,)

    @property
    def label(self) -> str:
        return self.labels[int(np.argmax(self.probabilities))]

    @property
    def probability(self) -> float:
        return float(np.max(self.probabilities))


GRADIENT_PREFIX = "gradient."  # of the names of metrics that are norms of a layer's gradient


@dataclass(frozen=True)
class TrainingMetric:
    """One number measured while a model was fine-tuned, after ``step`` updates of its weights.

    ``name`` is ``loss`` or ``learning_rate`` (of the training batches), or ``eval_loss``,
    ``eval_accuracy`` or ``eval_macro_f1`` (of the rows kept for measuring).
    """

    step: int
    epoch: float
    name: str
    value: float


@dataclass(frozen=True)
class FilmItem:
    """A held-out example of a film: its line in the file, its text or pair, and its true label in words.

    ``word`` is the one whose tag is watched, where words have tags.
    """

    line: int
    text: str
    pair: str | None
    word: str
    label: str


@dataclass(frozen=True)
class TrainingFilm:
    """A few held-out examples at moments of a training, and how far the model has moved since its start.

    ``vectors[m, i, n]`` is the vector of item n behind layer ``layers[i]`` (1 is the first) at moment m: of
    [CLS], or of the first piece of a word. ``answers[m, n]`` are probabilities of the ``labels``; of a
    question that of its true span; of a number the number itself. ``rights[m, n]`` is whether the answer was
    right (never for a number). ``weight_changes[m, p]`` is |w - w0| / |w0| over the weights of ``parts[p]``,
    ``head_changes[m, layer, head]`` the mean of |c - c0| / |c0| over the items, with c what the head adds up
    of the values; both are NaN where nothing was measured.
    """

    task: str
    labels: tuple[str, ...]
    items: tuple[FilmItem, ...]
    steps: IntArray  # (num_moments,)
    epochs: NDArray[np.float64]  # (num_moments,)
    layers: tuple[int, ...]
    parts: tuple[str, ...]  # "embeddings", "1" and so on for layers, "head"
    vectors: NDArray[np.float16]  # (num_moments, num_layers, num_items, hidden_size)
    answers: FloatArray  # (num_moments, num_items, num_answers)
    rights: NDArray[np.bool_]  # (num_moments, num_items)
    weight_changes: FloatArray  # (num_moments, num_parts)
    head_changes: FloatArray  # (num_moments, num_layers, num_heads)
    spent_s: float  # what recording took of the training's time

    def __len__(self) -> int:
        return len(self.steps)


@dataclass(frozen=True)
class WeightMoves:
    """|w - w0| / |w0| of a tuned model against its base; NaN where nothing could be compared."""

    embeddings: float
    layers: FloatArray  # (num_layers,), or (1,) where all layers are one
    heads: FloatArray  # (num_layers, num_heads): query, key, value and their part of the output projection


@dataclass(frozen=True)
class ModelMoves:
    """What a training changed, on texts that neither model has learned from (see analysis/moved).

    ``similarities[i]`` is the linear CKA of the token vectors of layer i in both models, 0 being the
    embeddings; ``divergences[layer, head]`` the mean Jensen-Shannon divergence of the two rows of attention
    of a token, in bits.
    """

    weights: WeightMoves
    similarities: FloatArray  # (num_layers + 1,)
    divergences: FloatArray  # (num_layers, num_heads)
    num_texts: int
    num_tokens: int


@dataclass(frozen=True)
class ProbeRow:
    """A labelled text or pair; with ``spans``, the characters of its words, each word has a label."""

    text: str
    pair: str | None
    labels: tuple[str, ...]
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class ProbePair:
    """Linear probes of every layer of a base and of the model tuned from it, on the same split.

    ``base_hits[layer]`` and ``tuned_hits[layer]`` count right answers among ``num_test`` rows that neither
    the probes nor the training have seen.
    """

    task: str  # what is read off, in words
    labels: tuple[str, ...]
    num_train: int
    num_test: int
    base_hits: tuple[int, ...]
    tuned_hits: tuple[int, ...]
    majority_hits: int


@dataclass(frozen=True)
class CorruptedText:
    """A text as BERT reads it while it is pretrained: some tokens chosen, most of them hidden.

    ``treatments[i]`` says what became of the token at ``positions[i]``: "mask", "random" or "kept".
    """

    tokens: Tokens
    shown: tuple[str, ...]  # (seq_len,) what the model reads
    positions: tuple[int, ...]  # (num_chosen,)
    treatments: tuple[str, ...]  # (num_chosen,)


@dataclass(frozen=True)
class Restoration:
    """What the model says stood at each chosen position of a corrupted text; all tuples (num_chosen,)."""

    corrupted: CorruptedText
    truths: tuple[TokenProbability, ...]  # the true token, as probable as the model finds it
    guesses: tuple[TokenProbability, ...]  # the token that it finds likeliest


@dataclass(frozen=True)
class PairVerdict:
    """Two sentences and the model's verdict. ``kind`` is "neighbours", "strangers" or "swapped"."""

    first: str
    second: str
    kind: str
    is_next_probability: float


@dataclass(frozen=True)
class PairVerdicts:
    """Verdicts on the pairs made from one text. ``num_sentences`` were found, the first ones were used."""

    pairs: tuple[PairVerdict, ...]
    num_sentences: int


@dataclass(frozen=True)
class LayerFilm:
    """The same points in every layer, each layer turned onto the one before it.

    ``shares[i]`` is the share of variance that layer i's picture keeps, ``disparities[i]`` how much the
    picture changed from the layer before: 0 nothing, 2 everything; 0 for the first.
    """

    layers: tuple[int, ...]
    coordinates: FloatArray  # (num_layers, num_points, 2 or 3)
    shares: tuple[float, ...]  # (num_layers,)
    disparities: tuple[float, ...]  # (num_layers,)


@dataclass(frozen=True)
class WordSenses:
    """One word in many sentences, layer by layer, against the senses that people gave it.

    ``senses`` has one entry a sentence, ``names`` each sense once. ``similarities[layer, sentence, sense]``
    is the cosine of the word's vector with the mean of that sense's other sentences; the largest is the
    guess.
    """

    word: str
    sentences: tuple[str, ...]
    senses: tuple[str, ...]
    names: tuple[str, ...]
    similarities: FloatArray  # (num_layers, num_sentences, num_senses)
    silhouettes: tuple[float, ...]  # (num_layers,)
    film: LayerFilm

    @property
    def hits(self) -> NDArray[np.bool_]:
        """(num_layers, num_sentences) whether the guess is the sense."""
        labels = np.array([self.names.index(sense) for sense in self.senses])
        return np.asarray(self.similarities.argmax(axis=2) == labels)

    @property
    def accuracies(self) -> NDArray[np.float64]:
        """(num_layers,) share of the sentences whose sense was guessed."""
        return np.asarray(self.hits.mean(axis=1))

    @property
    def majority(self) -> float:
        """Share of the most frequent sense: what a guess without looking reaches."""
        return max(self.senses.count(name) for name in self.names) / len(self.senses)


@dataclass(frozen=True)
class ProbeReport:
    """Linear probes of every layer, measured on ``num_test`` examples that they have not seen.

    ``hits[layer]`` and ``control_hits[layer]`` count right answers of the probe and of the probe of the
    control task; ``majority_hits`` and ``surface_hits`` those of the two baselines without vectors.
    ``kind`` is "texts" or "words".
    """

    labels: tuple[str, ...]
    kind: str
    num_train: int
    num_test: int
    hits: tuple[int, ...]  # (num_layers,)
    control_hits: tuple[int, ...]  # (num_layers,)
    majority_hits: int
    surface_hits: int
    seed: int
