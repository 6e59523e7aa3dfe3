"""From a batch of encoded requests to their answers: one forward pass, numpy out, padding trimmed."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from bert_explorer.errors import BrokenModelError, MaskError, OutOfMemoryError
from bert_explorer.models.forward import ForwardPass, Outputs, Wanted
from bert_explorer.models.heads import masked_lm_head, next_sentence_head
from bert_explorer.models.loader import LoadedModel
from bert_explorer.models.requests import (
    AttentionsRequest,
    ClassLogitsRequest,
    HiddenStatesRequest,
    MaskLogitsRequest,
    NextSentenceRequest,
    PooledRequest,
    Request,
)
from bert_explorer.models.tokenization import EncodedText, TextEncoder
from bert_explorer.results import Attention, Capability, FloatArray, HiddenStates, IntArray, MaskLogits
from bert_explorer.settings import MB

MAX_ANSWER_BYTES = 1_000 * MB  # attention grows with the square of the length
Item = tuple[Request, EncodedText]


class Answerer:
    """Answers encoded requests with one model. Use from one thread only."""

    def __init__(self, loaded: LoadedModel, encoder: TextEncoder, *, max_masks: int) -> None:
        self._forward = ForwardPass(loaded, encoder.pad_id)
        self._name = loaded.info.name
        self._mask_id = encoder.mask_id
        self._max_masks = max_masks
        self._num_layers = loaded.info.num_layers
        self._num_heads = loaded.info.num_heads
        capabilities, family = loaded.info.capabilities, loaded.info.family
        if Capability.MASKED_LM in capabilities:
            self._masked_lm = masked_lm_head(loaded.network, family)
        if Capability.NEXT_SENTENCE in capabilities:
            self._next_sentence = next_sentence_head(loaded.network)

    def check(self, item: Item) -> None:
        """Raises MaskError for no mask or too many, OutOfMemoryError for an answer beyond all measure."""
        request, encoded = item
        if isinstance(request, MaskLogitsRequest):
            self._check_masks(len(self._mask_positions(encoded)))
        elif isinstance(request, AttentionsRequest):
            num_bytes = 4 * len(request.layers) * self._num_heads * len(encoded) ** 2
            if num_bytes > MAX_ANSWER_BYTES:
                raise OutOfMemoryError(
                    f"Attention of {len(request.layers)} layers over {len(encoded):,} tokens takes "
                    f"{num_bytes / MB:,.0f} MB; the limit is {MAX_ANSWER_BYTES / MB:,.0f} MB. "
                    "Use a shorter text or fewer layers."
                )

    def _check_masks(self, num_masks: int) -> None:
        if num_masks == 0:
            raise MaskError("The text has no mask. Put [MASK] in the place of the word to predict.")
        if num_masks > self._max_masks:
            raise MaskError(f"The text has {num_masks} masks; the limit is {self._max_masks}. Remove some.")

    def kind(self, request: Request) -> tuple[Any, ...]:
        """Requests of equal kind can share a forward pass."""
        if isinstance(request, ClassLogitsRequest):
            return ("class",)
        return ("encoder", frozenset(request.layers) if isinstance(request, AttentionsRequest) else None)

    def answer(self, items: Sequence[Item]) -> list[Any]:
        """Answers in the order of ``items``, which are of one kind."""
        with torch.inference_mode():
            outputs = self._forward.run([encoded for _, encoded in items], self._wanted(items))
            logits = self._logits_at_masks(items, outputs)
            return [
                logits[row] if row in logits else self._answer(item, row, outputs)
                for row, item in enumerate(items)
            ]

    def _wanted(self, items: Sequence[Item]) -> Wanted:
        attention_layers: set[int] = set()
        hidden_layers: set[int] = set()
        for request, _ in items:
            if isinstance(request, ClassLogitsRequest):
                return Wanted(class_logits=True)
            if isinstance(request, AttentionsRequest):
                attention_layers.update(request.layers)
            elif isinstance(request, HiddenStatesRequest):
                hidden_layers.update(request.layers)
            else:
                hidden_layers.add(request.layer if isinstance(request, PooledRequest) else self._num_layers)
        return Wanted(frozenset(attention_layers), frozenset(hidden_layers))

    def _mask_positions(self, encoded: EncodedText) -> IntArray:
        return np.flatnonzero(encoded.tokens.input_ids == self._mask_id)

    def _logits_at_masks(self, items: Sequence[Item], outputs: Outputs) -> dict[int, MaskLogits]:
        """By row of the batch. One call of the head for all masks reads its weights only once."""
        positions = {
            row: self._mask_positions(encoded)
            for row, (request, encoded) in enumerate(items)
            if isinstance(request, MaskLogitsRequest)
        }
        if not positions:
            return {}
        counts = [len(found) for found in positions.values()]
        rows = torch.from_numpy(np.repeat(list(positions), counts))
        columns = torch.from_numpy(np.concatenate(list(positions.values())))
        hidden = outputs.hidden_states[self._num_layers][rows, columns]  # (num_masks of all, hidden_size)
        logits = torch.functional.split(self._masked_lm(hidden), counts)  # each (num_masks, vocab_size)
        return {
            row: MaskLogits(items[row][1].tokens, positions[row], self._to_numpy(part))
            for row, part in zip(positions, logits, strict=True)
        }

    def _answer(self, item: Item, row: int, outputs: Outputs) -> Any:
        request, encoded = item
        seq_len = len(encoded)
        if isinstance(request, ClassLogitsRequest):
            assert outputs.class_logits is not None
            return self._to_numpy(outputs.class_logits[row])
        if isinstance(request, NextSentenceRequest):
            last = outputs.hidden_states[self._num_layers]
            return self._to_numpy(self._next_sentence(last[row : row + 1])[0])
        if isinstance(request, PooledRequest):
            return self._to_numpy(_pool(outputs.hidden_states[request.layer][row, :seq_len], request.pooling))
        if isinstance(request, AttentionsRequest):
            layers = [outputs.attentions[layer][row, :, :seq_len, :seq_len] for layer in request.layers]
            return Attention(encoded.tokens, request.layers, self._to_numpy(torch.stack(layers)))
        assert isinstance(request, HiddenStatesRequest)
        states = [outputs.hidden_states[layer][row, :seq_len] for layer in request.layers]
        return HiddenStates(encoded.tokens, request.layers, self._to_numpy(torch.stack(states)))

    def _to_numpy(self, tensor: Tensor) -> FloatArray:
        """A read-only copy of its own: answers are shared by callers, and must not pin a whole batch.

        Raises BrokenModelError where the model computed NaN or infinity.
        """
        array: FloatArray = np.array(tensor.float().cpu().numpy())
        if not np.isfinite(array).all():
            raise BrokenModelError(
                f"The answers of '{self._name}' are not all numbers: its weights are damaged or overflow. "
                "Copy the model again or open another one."
            )
        array.flags.writeable = False
        return array


def _pool(hidden: Tensor, pooling: str) -> Tensor:
    """One text's vectors (seq_len, hidden_size) -> (hidden_size,), as sentence-transformers pools."""
    if pooling == "mean":
        return hidden.mean(dim=0)
    return hidden.amax(dim=0) if pooling == "max" else hidden[0]
