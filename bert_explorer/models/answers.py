"""From a batch of encoded requests to their answers: one forward pass, numpy out, padding trimmed."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from bert_explorer.errors import BrokenModelError, InputError, MaskError, OutOfMemoryError
from bert_explorer.models.attention_gradients import compute_attention_gradients
from bert_explorer.models.forward import ForwardPass, Outputs, Wanted
from bert_explorer.models.head_gates import closed_gates
from bert_explorer.models.head_gradients import compute_head_gradients
from bert_explorer.models.heads import Head, masked_lm_head, next_sentence_head
from bert_explorer.models.loader import LoadedModel
from bert_explorer.models.requests import (
    AttentionGradientsRequest,
    AttentionsRequest,
    ClassLogitsRequest,
    CompactAttentionsRequest,
    HeadGradientsRequest,
    HiddenStatesRequest,
    HiddenTokensRequest,
    MaskLogitsRequest,
    NextSentenceRequest,
    PooledRequest,
    ReducedAttentionsRequest,
    Request,
    ValueNormsRequest,
)
from bert_explorer.models.tokenization import EncodedText, TextEncoder
from bert_explorer.models.values import compute_norms
from bert_explorer.results import (
    Attention,
    AttentionGradients,
    Capability,
    CompactAttention,
    FloatArray,
    HiddenStates,
    IntArray,
    MaskLogits,
    ValueNorms,
)
from bert_explorer.settings import MB

MAX_ANSWER_BYTES = 1_000 * MB  # attention grows with the square of the length
Item = tuple[Request, EncodedText]


class Answerer:
    """Answers encoded requests with one model. Use from one thread only."""

    def __init__(self, loaded: LoadedModel, encoder: TextEncoder, *, max_masks: int) -> None:
        self._forward = ForwardPass(loaded, encoder.pad_id)
        self._info = loaded.info
        self._name = loaded.info.name
        self._mask_id = encoder.mask_id
        self._max_masks = max_masks
        self._num_layers = loaded.info.num_layers
        self._num_heads = loaded.info.num_heads
        capabilities, family = loaded.info.capabilities, loaded.info.family
        self._masked_lm: Head | None = None
        if Capability.MASKED_LM in capabilities:
            self._masked_lm = masked_lm_head(loaded.network, family)
        if Capability.NEXT_SENTENCE in capabilities:
            self._next_sentence = next_sentence_head(loaded.network)

    def check(self, item: Item) -> None:
        """Raises MaskError for no mask or too many, OutOfMemoryError for an answer beyond all measure.

        InputError for positions that the text does not have.
        """
        request, encoded = item
        if isinstance(request, MaskLogitsRequest):
            self._check_masks(len(self._mask_positions(encoded)))
        elif isinstance(request, (HiddenTokensRequest, HeadGradientsRequest)):
            _check_positions(request, encoded)
        elif isinstance(request, AttentionsRequest):
            self._check_gradients(request, encoded)
            num_bytes = 4 * len(request.layers) * self._num_heads * len(encoded) ** 2
            if num_bytes > MAX_ANSWER_BYTES:
                raise OutOfMemoryError(
                    f"Attention of {len(request.layers)} layers over {len(encoded):,} tokens takes "
                    f"{num_bytes / MB:,.0f} MB; the limit is {MAX_ANSWER_BYTES / MB:,.0f} MB. "
                    "Use a shorter text or fewer layers."
                )

    def _check_gradients(self, request: AttentionsRequest, encoded: EncodedText) -> None:
        position = request.position if isinstance(request, AttentionGradientsRequest) else None
        masks = self._mask_positions(encoded).tolist()
        if position is not None and position not in masks:
            raise MaskError(f"There is no mask at position {position}. The masks are at: {masks or 'none'}.")

    def _check_masks(self, num_masks: int) -> None:
        if num_masks == 0:
            raise MaskError("The text has no mask. Put [MASK] in the place of the word to predict.")
        if num_masks > self._max_masks:
            raise MaskError(f"The text has {num_masks} masks; the limit is {self._max_masks}. Remove some.")

    def kind(self, request: Request) -> tuple[Any, ...]:
        """Requests of equal kind can share a forward pass."""
        if isinstance(request, ClassLogitsRequest):
            return ("class", request.ablated)
        if isinstance(request, HeadGradientsRequest):
            return ("gradients", bool(request.positions), request.ablated)
        if isinstance(request, AttentionGradientsRequest):
            return ("slopes", request.ablated)
        layers = frozenset(request.layers) if isinstance(request, AttentionsRequest) else None
        return ("encoder", layers, request.ablated)

    def answer(self, items: Sequence[Item]) -> list[Any]:
        """Answers in the order of ``items``, which are of one kind."""
        if isinstance(items[0][0], HeadGradientsRequest):
            return self._head_gradients(items)
        if isinstance(items[0][0], AttentionGradientsRequest):
            return [self._attention_gradients(item) for item in items]
        with torch.inference_mode():
            outputs = self._forward.run(self._inputs(items), self._wanted(items))
            at_masks = self._answer_at_masks(items, outputs)
            return [
                at_masks[row] if row in at_masks else self._answer(item, row, outputs)
                for row, item in enumerate(items)
            ]

    def _head_gradients(self, items: Sequence[Item]) -> list[FloatArray]:
        gradients = compute_head_gradients(
            self._forward,
            [request for request, _ in items if isinstance(request, HeadGradientsRequest)],
            self._inputs(items),
            [torch.from_numpy(_true_ids(item)) for item in items],
            masked_lm=self._masked_lm,
            num_layers=self._num_layers,
            num_heads=self._num_heads,
        )
        return [self._to_numpy(row) for row in gradients]

    def _inputs(self, items: Sequence[Item]) -> list[EncodedText]:
        """The texts as the model shall read them: with masks over the tokens that a request hides."""
        inputs = []
        for request, encoded in items:
            if isinstance(request, (HiddenTokensRequest, HeadGradientsRequest)) and request.positions:
                ids = encoded.tokens.input_ids.copy()
                assert self._mask_id is not None
                ids[list(request.positions)] = self._mask_id
                encoded = replace(encoded, tokens=replace(encoded.tokens, input_ids=ids))
            inputs.append(encoded)
        return inputs

    def _wanted(self, items: Sequence[Item]) -> Wanted:
        gates = closed_gates(items[0][0].ablated, self._num_layers, self._num_heads)
        attention_layers: set[int] = set()
        hidden_layers: set[int] = set()
        values = False
        for request, _ in items:
            if isinstance(request, ClassLogitsRequest):
                return Wanted(class_logits=True, head_gates=gates)
            if isinstance(request, AttentionsRequest):
                attention_layers.update(request.layers)
                values |= isinstance(request, ValueNormsRequest)
            elif isinstance(request, HiddenStatesRequest):
                hidden_layers.update(request.layers)
            else:
                hidden_layers.add(request.layer if isinstance(request, PooledRequest) else self._num_layers)
        return Wanted(frozenset(attention_layers), frozenset(hidden_layers), head_gates=gates, values=values)

    def _mask_positions(self, encoded: EncodedText) -> IntArray:
        return np.flatnonzero(encoded.tokens.input_ids == self._mask_id)

    def _answer_at_masks(self, items: Sequence[Item], outputs: Outputs) -> dict[int, MaskLogits | FloatArray]:
        """By row of the batch. One call of the head for all masks reads its weights only once."""
        positions: dict[int, IntArray] = {}
        for row, (request, encoded) in enumerate(items):
            if isinstance(request, MaskLogitsRequest):
                positions[row] = self._mask_positions(encoded)
            elif isinstance(request, HiddenTokensRequest):
                positions[row] = np.array(request.positions, dtype=np.int64)
        if not positions:
            return {}
        assert self._masked_lm is not None
        counts = [len(found) for found in positions.values()]
        rows = torch.from_numpy(np.repeat(list(positions), counts))
        columns = torch.from_numpy(np.concatenate(list(positions.values())))
        hidden = outputs.hidden_states[self._num_layers][rows, columns]  # (num_masks of all, hidden_size)
        logits = torch.functional.split(self._masked_lm(hidden), counts)  # each (num_masks, vocab_size)
        return {
            row: self._answer_mask(items[row], positions[row], part)
            for row, part in zip(positions, logits, strict=True)
        }

    def _answer_mask(self, item: Item, positions: IntArray, logits: Tensor) -> MaskLogits | FloatArray:
        """From the logits (num_masks, vocab_size) of one text."""
        if isinstance(item[0], MaskLogitsRequest):
            return MaskLogits(item[1].tokens, positions, self._to_numpy(logits))
        true_ids = torch.from_numpy(_true_ids(item)).to(logits.device)
        found: FloatArray = self._to_numpy(logits.log_softmax(dim=-1).gather(1, true_ids[:, None])[:, 0])
        return found

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
        if isinstance(request, ValueNormsRequest):
            return self._value_norms(request, encoded, outputs.of_text(row, seq_len))
        if isinstance(request, CompactAttentionsRequest):
            halves = [
                outputs.attentions[layer][row, :, :seq_len, :seq_len].half() for layer in request.layers
            ]
            return CompactAttention(encoded.tokens, request.layers, self._to_numpy(torch.stack(halves)))
        if isinstance(request, AttentionsRequest):
            layers = [outputs.attentions[layer][row, :, :seq_len, :seq_len] for layer in request.layers]
            attention = Attention(encoded.tokens, request.layers, self._to_numpy(torch.stack(layers)))
            return request.reduce(attention) if isinstance(request, ReducedAttentionsRequest) else attention
        assert isinstance(request, HiddenStatesRequest)
        states = [outputs.hidden_states[layer][row, :seq_len] for layer in request.layers]
        return HiddenStates(encoded.tokens, request.layers, self._to_numpy(torch.stack(states)))

    def _value_norms(self, request: ValueNormsRequest, encoded: EncodedText, parts: Outputs) -> ValueNorms:
        norms = [
            compute_norms(parts.attentions[layer], parts.values[layer], parts.projections[layer])
            for layer in request.layers
        ]
        vectors, mixtures = (self._to_numpy(torch.stack(tensors)) for tensors in zip(*norms, strict=True))
        return ValueNorms(encoded.tokens, request.layers, vectors, mixtures)

    def _attention_gradients(self, item: Item) -> AttentionGradients:
        request, encoded = item
        assert isinstance(request, AttentionGradientsRequest)
        products, log_probability = compute_attention_gradients(
            self._forward, request, encoded, masked_lm=self._masked_lm, info=self._info
        )
        return AttentionGradients(encoded.tokens, request.layers, self._to_numpy(products), log_probability)

    def _to_numpy(self, tensor: Tensor) -> Any:
        """A read-only copy of its own: answers are shared by callers, and must not pin a whole batch.

        Half precision stays so, all else becomes float32. Raises BrokenModelError where the model computed
        NaN or infinity.
        """
        kept = tensor if tensor.dtype == torch.float16 else tensor.float()
        array = np.array(kept.detach().cpu().numpy())
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


def _true_ids(item: Item) -> IntArray:
    """(num_positions,): the tokens that a request hides."""
    request, encoded = item
    assert isinstance(request, (HiddenTokensRequest, HeadGradientsRequest))
    ids: IntArray = encoded.tokens.input_ids[list(request.positions)]
    return ids


def _check_positions(request: HiddenTokensRequest | HeadGradientsRequest, encoded: EncodedText) -> None:
    if not request.positions and isinstance(request, HiddenTokensRequest):
        raise InputError("No token is chosen to be hidden. Choose at least one.")
    for position in request.positions:
        if not 0 <= position < len(encoded):
            raise InputError(
                f"The text has no token {position} to hide: its tokens count from 0 to {len(encoded) - 1}."
            )
