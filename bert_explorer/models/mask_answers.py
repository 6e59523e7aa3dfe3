"""Answers at masks: one pass through the encoder, then the vocabulary head at the asked places alone."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from bert_explorer.models.forward import ForwardPass, Wanted
from bert_explorer.models.head_gates import closed_gates
from bert_explorer.models.heads import Head
from bert_explorer.models.requests import (
    CorruptedRequest,
    HeadGradientsRequest,
    HiddenTokensRequest,
    LayerLogitsRequest,
    MaskedCopiesRequest,
    MaskedCopy,
    MaskLogitsRequest,
    Request,
)
from bert_explorer.models.tokenization import EncodedText
from bert_explorer.results import CopyScores, FloatArray, IntArray, LayerLogits, MaskLogits

Item = tuple[Request, EncodedText]
ToNumpy = Callable[[Tensor], FloatArray]


class MaskAnswerer:
    """Answers requests that read the masked-word head. Use from one thread only."""

    def __init__(
        self,
        forward: ForwardPass,
        head: Head,
        mask_id: int,
        to_numpy: ToNumpy,
        *,
        num_layers: int,
        num_heads: int,
    ) -> None:
        self._forward = forward
        self._head = head
        self._mask_id = mask_id
        self._to_numpy = to_numpy
        self._num_layers = num_layers
        self._num_heads = num_heads

    def answer_masks(self, items: Sequence[Item]) -> list[MaskLogits | FloatArray]:
        """For MaskLogitsRequest and HiddenTokensRequest. One call of the head for all masks of the batch."""
        positions = [self._positions(item) for item in items]
        logits = self._logits_at([hide_tokens(item, self._mask_id) for item in items], positions, items)
        parts = torch.functional.split(logits, [len(found) for found in positions])
        return [self._answer_mask(*item) for item in zip(items, positions, parts, strict=True)]

    def answer_copies(self, items: Sequence[Item]) -> list[CopyScores]:
        """For requests of one length and one ``top_k``."""
        copies: list[MaskedCopy] = []
        texts: list[tuple[EncodedText, int]] = []
        counts: list[int] = []
        for request, encoded in items:
            assert isinstance(request, MaskedCopiesRequest)
            copies += request.copies
            counts.append(len(request.copies))
            texts += [self._mask_copy(encoded, copy) for copy in request.copies]
        positions = [np.array([copy.position], dtype=np.int64) for copy in copies]
        logits = self._logits_at([text for text, _ in texts], positions, items)
        top_k = items[0][0].top_k  # type: ignore[attr-defined]  # asserted above
        columns = _read_copies(logits, [true_id for _, true_id in texts], top_k)
        parts = zip(*(torch.functional.split(column, counts) for column in columns), strict=True)
        return [self._answer_copies(encoded, *part) for (_, encoded), part in zip(items, parts, strict=True)]

    def answer_corrupted(self, items: Sequence[Item]) -> list[CopyScores]:
        """Every text as it is shown, read once; each answer with the ``top_k`` of its own request."""
        texts = [_show_others(item) for item in items]
        positions = [self._positions(item) for item in items]
        logits = self._logits_at(texts, positions, items)
        parts = torch.functional.split(logits, [len(found) for found in positions])
        return [self._answer_corrupted(item, part) for item, part in zip(items, parts, strict=True)]

    def _answer_corrupted(self, item: Item, logits: Tensor) -> CopyScores:
        request, encoded = item
        assert isinstance(request, CorruptedRequest)
        return self._answer_copies(encoded, *_read_copies(logits, true_ids(item).tolist(), request.top_k))

    def answer_layers(self, items: Sequence[Item]) -> list[LayerLogits]:
        """The head on every layer's output, which for all but the last it was not trained to read."""
        layers = range(self._num_layers + 1)
        texts = [encoded for _, encoded in items]
        outputs = self._forward.run(texts, self._wanted(items, hidden_layers=frozenset(layers)))
        answers = []
        for row, (request, encoded) in enumerate(items):
            assert isinstance(request, LayerLogitsRequest)
            position = int(find_masks(encoded, self._mask_id)[request.mask])
            states = [outputs.hidden_states[layer][row, position] for layer in layers[:-1]]
            hidden = self._forward.normalize(torch.stack(states))  # (num_layers, hidden_size)
            last = outputs.hidden_states[self._num_layers][row, position]
            logits = self._head(torch.cat([hidden, last[None]]))
            answers.append(LayerLogits(encoded.tokens, position, self._to_numpy(logits)))
        return answers

    def _wanted(self, items: Sequence[Item], **options: object) -> Wanted:
        gates = closed_gates(items[0][0].ablated, self._num_layers, self._num_heads)
        return Wanted(head_gates=gates, **options)  # type: ignore[arg-type]

    def _logits_at(
        self, texts: Sequence[EncodedText], positions: Sequence[IntArray], items: Sequence[Item]
    ) -> Tensor:
        """(positions of all texts, vocab_size)."""
        rows = np.repeat(np.arange(len(texts)), [len(found) for found in positions])
        outputs = self._forward.run(texts, self._wanted(items, positions=(rows, np.concatenate(positions))))
        assert outputs.at_positions is not None
        return self._head(outputs.at_positions)

    def _positions(self, item: Item) -> IntArray:
        request, encoded = item
        if isinstance(request, (HiddenTokensRequest, CorruptedRequest)):
            return np.array(request.positions, dtype=np.int64)
        return find_masks(encoded, self._mask_id)

    def _answer_mask(self, item: Item, positions: IntArray, logits: Tensor) -> MaskLogits | FloatArray:
        """From the logits (num_masks, vocab_size) of one text."""
        if isinstance(item[0], MaskLogitsRequest):
            return MaskLogits(item[1].tokens, positions, self._to_numpy(logits))
        ids = torch.from_numpy(true_ids(item)).to(logits.device)
        return self._to_numpy(logits.log_softmax(dim=-1).gather(1, ids[:, None])[:, 0])

    def _mask_copy(self, encoded: EncodedText, copy: MaskedCopy) -> tuple[EncodedText, int]:
        """The copy as the model shall read it, and the id that it asks about."""
        ids = encoded.tokens.input_ids.copy()
        for position, token_id in copy.filled:
            ids[position] = token_id
        true_id = int(ids[copy.position])
        ids[[copy.position, *copy.hidden]] = self._mask_id
        return _with_ids(encoded, ids), true_id

    def _answer_copies(
        self, encoded: EncodedText, scores: Tensor, ranks: Tensor, best: Tensor, best_ids: Tensor
    ) -> CopyScores:
        return CopyScores(
            tokens=encoded.tokens,
            log_probabilities=self._to_numpy(scores),
            ranks=_ids_to_numpy(ranks),
            best_ids=_ids_to_numpy(best_ids),
            best_log_probabilities=self._to_numpy(best),
        )


def find_masks(encoded: EncodedText, mask_id: int | None) -> IntArray:
    """Positions of the masks of a text."""
    return np.flatnonzero(encoded.tokens.input_ids == mask_id)


def true_ids(item: Item) -> IntArray:
    """(num_positions,): the tokens that a request hides or exchanges."""
    request, encoded = item
    assert isinstance(request, (HiddenTokensRequest, HeadGradientsRequest, CorruptedRequest))
    ids: IntArray = encoded.tokens.input_ids[list(request.positions)]
    return ids


def hide_tokens(item: Item, mask_id: int | None) -> EncodedText:
    """The text as the model shall read it: with masks over the tokens that a request hides."""
    request, encoded = item
    if not isinstance(request, (HiddenTokensRequest, HeadGradientsRequest)) or not request.positions:
        return encoded
    assert mask_id is not None
    ids = encoded.tokens.input_ids.copy()
    ids[list(request.positions)] = mask_id
    return _with_ids(encoded, ids)


def _ids_to_numpy(ids: Tensor) -> IntArray:
    """A read-only copy of its own, as all answers are."""
    array: IntArray = np.array(ids.cpu().numpy())
    array.flags.writeable = False
    return array


def _show_others(item: Item) -> EncodedText:
    request, encoded = item
    assert isinstance(request, CorruptedRequest)
    ids = encoded.tokens.input_ids.copy()
    ids[list(request.positions)] = request.shown
    return _with_ids(encoded, ids)


def _with_ids(encoded: EncodedText, ids: IntArray) -> EncodedText:
    return replace(encoded, tokens=replace(encoded.tokens, input_ids=ids))


def _read_copies(logits: Tensor, ids: Sequence[int], top_k: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Log-probability and rank of each id, then the best log-probabilities and their ids."""
    asked = torch.tensor(ids, device=logits.device)[:, None]
    log_probabilities = logits.log_softmax(dim=-1)
    scores = log_probabilities.gather(1, asked)  # (num_copies, 1)
    before = torch.arange(logits.shape[1], device=logits.device) < asked
    ahead = (log_probabilities > scores) | ((log_probabilities == scores) & before)
    best, best_ids = log_probabilities.topk(top_k, dim=-1)
    return scores[:, 0], 1 + ahead.sum(dim=-1), best, best_ids
