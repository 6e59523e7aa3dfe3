"""One loaded model behind a queue: many threads ask, one thread computes, everyone gets a future.

Fast tokenizers give wrong answers when threads share them, and torch gains nothing from several threads
inside one model on one device. So the worker thread owns both, and batches what waits. A question that was
answered before is answered from memory.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from itertools import islice
from time import monotonic
from typing import Any

import numpy as np

from bert_explorer.errors import EmptyTextError
from bert_explorer.models.batching import group_by_length
from bert_explorer.models.dissection import read_blueprint
from bert_explorer.models.evidence_requests import TokenLogitsRequest
from bert_explorer.models.jobs import Job, JobQueue, deadline_error
from bert_explorer.models.loader import LoadedModel
from bert_explorer.models.memory import ResultMemory
from bert_explorer.models.part_requests import Part, StepsRequest, WeightsRequest
from bert_explorer.models.requests import (
    AnyRequest,
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
from bert_explorer.models.token_names import token_reader
from bert_explorer.models.worker import Worker
from bert_explorer.results import (
    Attention,
    AttentionGradients,
    Blueprint,
    CompactAttention,
    CopyScores,
    FloatArray,
    HiddenStates,
    IntArray,
    LayerLogits,
    MaskLogits,
    ModelInfo,
    PartSteps,
    PartWeights,
    Tokens,
    ValueNorms,
)
from bert_explorer.settings import Settings

COPIES_WINDOW = 8  # batches of masked copies in the queue at a time: two seconds of work on two cores at most
WINDOW = 64  # requests of one bulk job in the queue at a time, so that others find a place
BULK_WINDOW = 3  # the same for requests that are whole batches: others wait for so many
TEXTS_AT_ONCE = 500  # counted by one request

Progress = Callable[[int, int], None]


class Engine:
    """Answers questions about texts with one model. Every method may be called from any thread.

    Methods block until the answer is there and raise what went wrong: InputError for the text,
    CapabilityError for a head the model lacks, BusyError for a full queue, a passed deadline or too
    little memory. Arrays in answers are read-only, since equal questions share them.

    ``vocabulary[i]`` is the token with id i, or "" for a row of the embeddings that no token uses;
    ``special_ids`` are those of [CLS], [MASK] and their kind. ``blueprint`` is None for a family whose inside
    is not described (``weights`` and ``steps`` refuse it).
    """

    def __init__(self, loaded: LoadedModel, settings: Settings, memory: ResultMemory | None = None) -> None:
        """Without ``memory`` every question is computed, as benchmarks want it."""
        self.info: ModelInfo = loaded.info
        self.num_bytes = loaded.num_bytes
        self.vocabulary: tuple[str, ...] = _name_rows(loaded)
        self.special_ids = frozenset(loaded.tokenizer.all_special_ids)
        self.blueprint: Blueprint | None = read_blueprint(loaded)
        self._settings = settings
        self._memory = memory
        self._queue = JobQueue(settings.max_queue, loaded.info.name)
        self._worker = Worker(loaded, self._queue, settings, memory)
        self._worker.start()

    @property
    def idle(self) -> bool:
        """Whether nothing is waiting or being computed."""
        return self._queue.idle

    @property
    def max_text_chars(self) -> int:
        """Longer texts are refused before they are read."""
        return self._settings.max_text_chars

    @property
    def max_batch_tokens(self) -> int:
        """A request that brings more tokens than this makes others wait: split it."""
        return self._worker.max_tokens

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
        parts = self.map(self._split_copies(requests, texts, counts), window=COPIES_WINDOW)
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

    def submit(self, request: AnyRequest) -> "Future[Any]":
        """Ask without waiting. Raises at once what can be known at once; the rest is in the future.

        A cancelled future is skipped if it has not started.
        """
        return self._submit(request, wait=False)

    def map(self, requests: Iterable[AnyRequest], *, window: int = WINDOW) -> Iterator[Any]:
        """Answers in the order of the requests, of which ``window`` are under way at a time."""
        pending: deque[Future[Any]] = deque()
        try:
            for request in requests:
                pending.append(self._submit(request, wait=True))
                if len(pending) >= window:
                    yield self._result(pending.popleft())
            while pending:
                yield self._result(pending.popleft())
        finally:
            for future in pending:
                future.cancel()

    def close(self) -> None:
        """Fail what waits, end the thread and forget the answers. Harmless when called again."""
        self._queue.close()
        self._worker.join(timeout=self._settings.deadline_s)
        if self._memory is not None:
            self._memory.forget(self._worker)

    def _split_copies(
        self, requests: Iterable[MaskedCopiesRequest], texts: Iterable[Tokens], counts: deque[int]
    ) -> Iterator[MaskedCopiesRequest]:
        """Requests of at most a batch each; ``counts`` gets the number that each became."""
        for request, tokens in zip(requests, texts, strict=True):
            step = max(1, self._worker.max_tokens // len(tokens))
            starts = range(0, max(1, len(request.copies)), step)
            counts.append(len(starts))
            for start in starts:
                yield replace(request, copies=request.copies[start : start + step])

    def _ask(self, request: AnyRequest) -> Any:
        return self._result(self._submit(request, wait=False))

    def _submit(self, request: AnyRequest, *, wait: bool) -> "Future[Any]":
        request.check(self.info, self._settings.max_text_chars)
        job = Job(request, monotonic() + self._settings.deadline_s)
        known = self._memory.get(self._worker, request) if self._memory is not None else None
        if known is not None:
            job.future.set_result(known)
        else:
            self._queue.put(job, wait=wait)
        return job.future

    def _result(self, future: "Future[Any]") -> Any:
        try:
            return future.result(timeout=self._settings.deadline_s)
        except TimeoutError:
            if not future.cancel() and future.done():
                return future.result()  # it came between the two lines above
            raise deadline_error(self.info.name, self._settings.deadline_s) from None


def join_scores(parts: Sequence[CopyScores]) -> CopyScores:
    """The scores of one request that was split."""
    return CopyScores(
        tokens=parts[0].tokens,
        log_probabilities=np.concatenate([part.log_probabilities for part in parts]),
        ranks=np.concatenate([part.ranks for part in parts]),
        best_ids=np.concatenate([part.best_ids for part in parts]),
        best_log_probabilities=np.concatenate([part.best_log_probabilities for part in parts]),
    )


def _name_rows(loaded: LoadedModel) -> tuple[str, ...]:
    """Tokens by id, as many as there are rows; before the worker owns the tokenizer."""
    names, read = [""] * loaded.info.vocab_size, token_reader(loaded.tokenizer)
    for token, token_id in loaded.tokenizer.get_vocab().items():
        names[token_id] = read(token)
    return tuple(names)
