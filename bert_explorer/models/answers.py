"""From a batch of encoded requests to their answers: one forward pass, numpy out, padding trimmed."""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from bert_explorer.errors import BrokenModelError, InputError, MaskError, OutOfMemoryError
from bert_explorer.models.attention_gradients import compute_attention_gradients
from bert_explorer.models.dissection import Dissector
from bert_explorer.models.evidence import EvidenceReader
from bert_explorer.models.evidence_requests import (
    EditedCopiesRequest,
    EvidenceRequest,
    PathGradientsRequest,
    TokenLogitsRequest,
)
from bert_explorer.models.forward import ForwardPass, Outputs, Wanted
from bert_explorer.models.head_gates import closed_gates
from bert_explorer.models.head_gradients import compute_head_gradients
from bert_explorer.models.heads import Head, masked_lm_head, next_sentence_head
from bert_explorer.models.loader import LoadedModel
from bert_explorer.models.mask_answers import Item, MaskAnswerer, find_masks, hide_tokens, true_ids
from bert_explorer.models.part_requests import StepsRequest, WeightsRequest
from bert_explorer.models.pooling import pool
from bert_explorer.models.requests import (
    AnyRequest,
    AttentionGradientsRequest,
    AttentionsRequest,
    ClassLogitsRequest,
    CompactAttentionsRequest,
    CorruptedRequest,
    HeadGradientsRequest,
    HiddenStatesRequest,
    HiddenTokensRequest,
    LayerLogitsRequest,
    MaskedCopiesRequest,
    MaskLogitsRequest,
    NextSentenceRequest,
    PooledRequest,
    ReducedAttentionsRequest,
    Request,
    ValueNormsRequest,
)
from bert_explorer.models.tokenization import EncodedText, EncodedTexts, TextEncoder
from bert_explorer.models.values import compute_norms
from bert_explorer.results import (
    Attention,
    AttentionGradients,
    Capability,
    CompactAttention,
    FloatArray,
    HiddenStates,
    PartWeights,
    PathGradients,
    ValueNorms,
)
from bert_explorer.settings import MB

MAX_ANSWER_BYTES = 1_000 * MB  # attention grows with the square of the length
TextsItem = tuple[PooledRequest, EncodedTexts]
OF_CLASSES = (ClassLogitsRequest, TokenLogitsRequest)
AT_MASKS = (MaskLogitsRequest, HiddenTokensRequest)


class Answerer:
    """Answers encoded requests with one model. Use from one thread only."""

    def __init__(self, loaded: LoadedModel, encoder: TextEncoder, *, max_masks: int) -> None:
        self._forward = ForwardPass(loaded, encoder.pad_id)
        self._dissector = Dissector(loaded, self._forward)
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
            assert encoder.mask_id is not None
            self._masks = MaskAnswerer(
                self._forward,
                self._masked_lm,
                encoder.mask_id,
                self._to_numpy,
                num_layers=self._num_layers,
                num_heads=self._num_heads,
            )
        self._evidence = EvidenceReader(
            self._forward, self._masked_lm, encoder.mask_id, encoder.pad_id, loaded.info
        )
        if Capability.NEXT_SENTENCE in capabilities:
            self._next_sentence = next_sentence_head(loaded.network)

    def check(self, item: Item) -> None:
        """Raises MaskError for no mask or too many, OutOfMemoryError for an answer beyond all measure.

        InputError for positions that the text does not have.
        """
        request, encoded = item
        if isinstance(request, (MaskLogitsRequest, LayerLogitsRequest)):
            self._check_masks(request, len(find_masks(encoded, self._mask_id)))
        elif isinstance(request, (HiddenTokensRequest, HeadGradientsRequest, CorruptedRequest)):
            _check_positions(request.positions, encoded, needed=isinstance(request, HiddenTokensRequest))
        elif isinstance(request, EvidenceRequest):
            self._evidence.check(request, encoded)
        elif isinstance(request, MaskedCopiesRequest):
            _check_positions({place for copy in request.copies for place in copy.places}, encoded)
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
        masks = find_masks(encoded, self._mask_id).tolist()
        if position is not None and position not in masks:
            raise MaskError(f"There is no mask at position {position}. The masks are at: {masks or 'none'}.")

    def _check_masks(self, request: Request, num_masks: int) -> None:
        if num_masks == 0:
            raise MaskError("The text has no mask. Put [MASK] in the place of the word to predict.")
        if num_masks > self._max_masks:
            raise MaskError(f"The text has {num_masks} masks; the limit is {self._max_masks}. Remove some.")
        if isinstance(request, LayerLogitsRequest) and not 0 <= request.mask < num_masks:
            raise MaskError(
                f"The text has no mask {request.mask}: its masks count from 0 to {num_masks - 1}."
            )

    def weights(self, request: WeightsRequest) -> PartWeights:
        """Weights of one part; needs no text and no forward pass."""
        return self._dissector.weights(request)

    def kind(self, item: Item) -> tuple[Any, ...]:
        """Requests of equal kind can share a forward pass."""
        request, encoded = item
        if isinstance(request, OF_CLASSES):
            return ("class", request.ablated)
        if isinstance(request, PathGradientsRequest):
            return ("path", request.baseline, request.ablated)
        if isinstance(request, EditedCopiesRequest):
            return ("edits", request.ablated)
        if isinstance(request, StepsRequest):
            return ("steps", request)  # hooks watch one text
        if isinstance(request, HeadGradientsRequest):
            return ("gradients", bool(request.positions), request.ablated)
        if isinstance(request, AttentionGradientsRequest):
            return ("slopes", request.ablated)
        if isinstance(request, CorruptedRequest):
            return ("corrupted", request.ablated)
        if isinstance(request, MaskedCopiesRequest):
            return ("copies", len(encoded), request.top_k, request.ablated)
        if isinstance(request, (*AT_MASKS, LayerLogitsRequest)):
            return ("masks" if isinstance(request, AT_MASKS) else "layers", request.ablated)
        layers = frozenset(request.layers) if isinstance(request, AttentionsRequest) else None
        return ("encoder", layers, request.ablated)

    def num_texts(self, request: AnyRequest) -> int:
        """How many texts of its length the request brings into a batch."""
        if isinstance(request, MaskedCopiesRequest):
            return len(request.copies)
        if isinstance(request, PathGradientsRequest):
            return len(request.points)
        return len(request.edits) if isinstance(request, EditedCopiesRequest) else 1

    def answer(self, items: Sequence[Item]) -> list[Any]:
        """Answers in the order of ``items``, which are of one kind."""
        request = items[0][0]
        if isinstance(request, HeadGradientsRequest):
            return self._head_gradients(items)
        if isinstance(request, AttentionGradientsRequest):
            return [self._attention_gradients(item) for item in items]
        if isinstance(request, PathGradientsRequest):
            return self._path_gradients(items)
        with torch.inference_mode():
            if isinstance(request, StepsRequest):
                return [self._dissector.observe(request, items[0][1])]
            if isinstance(request, EditedCopiesRequest):
                return [self._to_numpy(evidence) for evidence in self._evidence.copies(items)]
            if isinstance(request, AT_MASKS):
                return list(self._masks.answer_masks(items))
            if isinstance(request, MaskedCopiesRequest):
                return list(self._masks.answer_copies(items))
            if isinstance(request, CorruptedRequest):
                return list(self._masks.answer_corrupted(items))
            if isinstance(request, LayerLogitsRequest):
                return list(self._masks.answer_layers(items))
            outputs = self._forward.run([encoded for _, encoded in items], self._wanted(items))
            return [self._answer(item, row, outputs) for row, item in enumerate(items)]

    def _head_gradients(self, items: Sequence[Item]) -> list[FloatArray]:
        gradients = compute_head_gradients(
            self._forward,
            [request for request, _ in items if isinstance(request, HeadGradientsRequest)],
            [hide_tokens(item, self._mask_id) for item in items],
            [torch.from_numpy(true_ids(item)) for item in items],
            masked_lm=self._masked_lm,
            num_layers=self._num_layers,
            num_heads=self._num_heads,
        )
        return [self._to_numpy(row) for row in gradients]

    def answer_texts(self, item: TextsItem) -> FloatArray:
        """(num_layers asked, num_texts, hidden_size): a forward pass of its own for several texts."""
        request, encoded = item
        with torch.inference_mode():
            outputs = self._forward.run_texts(encoded, Wanted(hidden_layers=frozenset(request.layers)))
            lengths = [len(ids) for ids in encoded.input_ids]
            layers = [
                pool(outputs.hidden_states[layer], lengths, request.pooling) for layer in request.layers
            ]
            vectors: FloatArray = self._to_numpy(torch.stack(layers))
            return vectors

    def _wanted(self, items: Sequence[Item]) -> Wanted:
        gates = closed_gates(items[0][0].ablated, self._num_layers, self._num_heads)
        attention_layers: set[int] = set()
        hidden_layers: set[int] = set()
        values = False
        for request, _ in items:
            if isinstance(request, OF_CLASSES):
                return Wanted(class_logits=True, head_gates=gates)
            if isinstance(request, AttentionsRequest):
                attention_layers.update(request.layers)
                values |= isinstance(request, ValueNormsRequest)
            elif isinstance(request, HiddenStatesRequest):
                hidden_layers.update(request.layers)
            else:
                hidden_layers.add(self._num_layers)
        return Wanted(frozenset(attention_layers), frozenset(hidden_layers), head_gates=gates, values=values)

    def _answer(self, item: Item, row: int, outputs: Outputs) -> Any:
        request, encoded = item
        seq_len = len(encoded)
        if isinstance(request, ClassLogitsRequest):
            assert outputs.class_logits is not None
            return self._to_numpy(outputs.class_logits[row])
        if isinstance(request, TokenLogitsRequest):
            assert outputs.class_logits is not None
            return self._to_numpy(outputs.class_logits[row, :seq_len])
        if isinstance(request, NextSentenceRequest):
            last = outputs.hidden_states[self._num_layers]
            return self._to_numpy(self._next_sentence(last[row : row + 1])[0])
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

    def _path_gradients(self, items: Sequence[Item]) -> list[PathGradients]:
        found = self._evidence.path_slopes(items)
        return [
            PathGradients(encoded.tokens, request.points, self._to_numpy(slopes), self._to_numpy(evidence))  # type: ignore[attr-defined]  # of one kind
            for (request, encoded), (slopes, evidence) in zip(items, found, strict=True)
        ]

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


def _check_positions(positions: Collection[int], encoded: EncodedText, *, needed: bool = False) -> None:
    if needed and not positions:
        raise InputError("No token is chosen to be hidden. Choose at least one.")
    for position in positions:
        if not 0 <= position < len(encoded):
            raise InputError(
                f"The text has no token {position} to hide: its tokens count from 0 to {len(encoded) - 1}."
            )
