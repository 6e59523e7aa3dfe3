"""What can be asked of a loaded model: a method a question, which waits for its answer (see queued_model)."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import numpy as np

from bert_explorer.errors import EmptyTextError
from bert_explorer.models.batching import group_by_length
from bert_explorer.models.evidence_requests import TokenLogitsRequest
from bert_explorer.models.masked_copies import join_scores, split_copies
from bert_explorer.models.part_requests import Part, StepsRequest, WeightsRequest
from bert_explorer.models.queued_model import QueuedModel
from bert_explorer.models.requests import (
    AttentionGradientsRequest,
    AttentionsRequest,
    ClassLogitsRequest,
    CompactAttentionsRequest,
    CorruptedRequest,
    HiddenStatesRequest,
    LayerLogitsRequest,
    LengthsRequest,
    MaskedCopiesRequest,
    MaskLogitsRequest,
    NextSentenceRequest,
    PooledRequest,
    Pooling,
    TokenizeRequest,
    ValueNormsRequest,
    WindowsRequest,
)
from bert_explorer.results import (
    Attention,
    AttentionGradients,
    CompactAttention,
    CopyScores,
    FloatArray,
    HiddenStates,
    IntArray,
    LayerLogits,
    MaskLogits,
    PartSteps,
    PartWeights,
    Tokens,
    ValueNorms,
)

COPIES_WINDOW = 8  # batches of masked copies in the queue at a time: two seconds of work on two cores at most
BULK_WINDOW = 3  # the same for other requests that are whole batches: others wait for so many
TEXTS_AT_ONCE = 500  # counted by one request

Progress = Callable[[int, int], None]


class Engine(QueuedModel):
    """Answers questions about texts with one model. Every method may be called from any thread.

    Methods block until the answer is there and raise what went wrong: InputError for the text,
    CapabilityError for a head the model lacks, BusyError for a full queue, a passed deadline or too
    little memory. Arrays in answers are read-only, since equal questions share them.

    ``weights`` and ``steps`` refuse a model without a ``blueprint``.
    """

    def tokenize(self, text: str, pair: str | None = None, *, truncate: bool = False) -> Tokens:
        """The text as the model reads it."""
        tokens: Tokens = self._ask(TokenizeRequest(text, pair, truncate))
        return tokens

    def mask_logits(self, text: str, pair: str | None = None) -> MaskLogits:
        """Vocabulary logits at each mask of the text; "[MASK]" works for every family."""
        logits: MaskLogits = self._ask(MaskLogitsRequest(text, pair))
        return logits

    def layer_logits(self, text: str, pair: str | None = None, *, mask: int = 0) -> LayerLogits:
        """The masked-word head on every layer's output at mask number ``mask`` (from 0)."""
        logits: LayerLogits = self._ask(LayerLogitsRequest(text, pair, mask=mask))
        return logits

    def restore_corrupted(
        self, text: str, *, positions: Sequence[int], shown: Sequence[int], top_k: int = 1
    ) -> CopyScores:
        """What stood at ``positions`` of the text, when the tokens ``shown`` are read in their places.

        The answer has one entry a position, in their order.
        """
        request = CorruptedRequest(text, positions=tuple(positions), shown=tuple(shown), top_k=top_k)
        scores: CopyScores = self._ask(request)
        return scores

    def score_copies(self, requests: Sequence[MaskedCopiesRequest]) -> Iterator[CopyScores]:
        """Answers in the order of the requests, each of which may hold any number of copies.

        Copies go through the model in small batches, few of which wait at a time: whoever asks
        something else meanwhile waits for no more than these. Texts of one length share batches where they
        follow each other.
        """
        texts = list(self.map(TokenizeRequest(item.text, item.pair, item.truncate) for item in requests))
        counts: deque[int] = deque()
        split = split_copies(requests, texts, counts, max_tokens=self._worker.max_tokens)
        parts = self.map(split, window=COPIES_WINDOW)
        for first in parts:
            yield join_scores([first, *islice(parts, counts.popleft() - 1)])

    def next_sentence_logits(self, first: str, second: str) -> FloatArray:
        """(2,): index 0 for "``second`` followed ``first``", index 1 for "it did not"."""
        logits: FloatArray = self._ask(NextSentenceRequest(first, second))
        return logits

    def class_logits(self, text: str, pair: str | None = None) -> FloatArray:
        """(num_labels,) in the order of ``info.labels``."""
        logits: FloatArray = self._ask(ClassLogitsRequest(text, pair))
        return logits

    def token_logits(self, text: str, pair: str | None = None) -> FloatArray:
        """(seq_len, num_labels) of a model that tags words, (seq_len, 2) of one that finds answers."""
        logits: FloatArray = self._ask(TokenLogitsRequest(text, pair))
        return logits

    def attentions(
        self, text: str, pair: str | None = None, *, layers: Sequence[int] | None = None
    ) -> Attention:
        """Attention weights of ``layers`` (from 0; all by default); each query row sums to 1."""
        chosen = tuple(range(self.info.num_layers) if layers is None else layers)
        attention: Attention = self._ask(AttentionsRequest(text, pair, layers=chosen))
        return attention

    def compact_attentions(self, text: str, pair: str | None = None) -> CompactAttention:
        """Attention weights of all layers in half precision: what may be kept of a long text."""
        layers = tuple(range(self.info.num_layers))
        attention: CompactAttention = self._ask(CompactAttentionsRequest(text, pair, layers=layers))
        return attention

    def value_norms(self, text: str, pair: str | None = None) -> ValueNorms:
        """Of all layers, how long the vectors are that attention mixes."""
        norms: ValueNorms = self._ask(
            ValueNormsRequest(text, pair, layers=tuple(range(self.info.num_layers)))
        )
        return norms

    def attention_gradients(
        self, text: str, pair: str | None = None, *, target: int, position: int | None = None
    ) -> AttentionGradients:
        """Attention of all layers times the gradient of a log probability by it.

        It is that of the token with id ``target`` at the mask in ``position``, or of the class ``target``.
        """
        layers = tuple(range(self.info.num_layers))
        request = AttentionGradientsRequest(text, pair, layers=layers, target=target, position=position)
        gradients: AttentionGradients = self._ask(request)
        return gradients

    def hidden_states(
        self,
        text: str,
        pair: str | None = None,
        *,
        layers: Sequence[int] | None = None,
        truncate: bool = False,
    ) -> HiddenStates:
        """Outputs of ``layers`` (0 is the embedding output; all by default)."""
        chosen = tuple(range(self.info.num_layers + 1) if layers is None else layers)
        states: HiddenStates = self._ask(HiddenStatesRequest(text, pair, truncate, chosen))
        return states

    def weights(self, part: Part, *, layer: int = 0, token_ids: Sequence[int] = ()) -> PartWeights:
        """Weights of one part as read-only arrays, of the word table the rows of ``token_ids``.

        They are views of the model's own memory where it is the CPU's: use them, and let go of them.
        """
        weights: PartWeights = self._ask(
            WeightsRequest(part=part, layer=layer, token_ids=tuple(map(int, token_ids)))
        )
        return weights

    def steps(
        self, text: str, pair: str | None = None, *, part: Part, layer: int = 0, position: int = 0
    ) -> PartSteps:
        """What the modules of one part took in and gave out; of the part "words", for one token."""
        steps: PartSteps = self._ask(StepsRequest(text, pair, part=part, layer=layer, position=position))
        return steps

    def lengths(self, texts: Sequence[str]) -> IntArray:
        """(len(texts),) tokens of each text, special ones included, before any cut; 0 for nothing to read."""
        parts = [tuple(texts[i : i + TEXTS_AT_ONCE]) for i in range(0, len(texts), TEXTS_AT_ONCE)]
        counts = list(self.map((LengthsRequest(part) for part in parts), window=BULK_WINDOW))
        return np.concatenate([np.zeros(0, dtype=np.int64), *counts])

    def windows(self, texts: Sequence[str]) -> tuple[tuple[str, ...], ...]:
        """Each text in pieces that the model reads whole: one for most texts."""
        pieces: tuple[tuple[str, ...], ...] = self._ask(WindowsRequest(tuple(texts)))
        return pieces

    def pooled(
        self,
        texts: Sequence[str],
        *,
        layer: int,
        pooling: Pooling = "mean",
        progress: Progress | None = None,
    ) -> FloatArray:
        """(len(texts), hidden_size): one vector a text, over all its tokens, special ones included.

        Texts are cut at the model's limit, as sentence-transformers does. ``progress(done, total)`` is
        called in this thread as batches finish; what it raises ends the work.
        """
        vectors: FloatArray = self.pooled_layers(texts, layers=[layer], pooling=pooling, progress=progress)[0]
        return vectors

    def pooled_layers(
        self,
        texts: Sequence[str],
        *,
        layers: Sequence[int],
        pooling: Pooling = "mean",
        progress: Progress | None = None,
    ) -> FloatArray:
        """(len(layers), len(texts), hidden_size): as ``pooled``, of several layers by one reading."""
        lengths = self.lengths(texts)
        if not lengths.all():
            number = int(np.argmin(lengths != 0)) + 1
            raise EmptyTextError(
                f"Text {number} of {len(texts)} is empty, or holds nothing that the model can read. "
                "Remove it or type a word."
            )
        vectors = np.zeros((len(layers), len(texts), self.info.hidden_size), dtype=np.float32)
        batches = group_by_length(
            np.minimum(lengths, self.info.max_length).tolist(), self._worker.max_bulk_tokens
        )
        requests = (PooledRequest(tuple(texts[i] for i in rows), tuple(layers), pooling) for rows in batches)
        done = 0
        for rows, answer in zip(batches, self.map(requests, window=BULK_WINDOW), strict=True):
            vectors[:, rows] = answer
            done += len(rows)
            if progress is not None:
                progress(done, len(texts))
        return vectors
