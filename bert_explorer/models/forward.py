"""One forward pass over a batch, computing what is asked and nothing else.

No vocabulary logits except at the masks, no attention weights or hidden states except of the layers asked
for, no layer above the highest one needed, no last layer beside the positions that are looked at, and no
attention mask where no text is padded.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from bert_explorer.models.attention import record_attentions
from bert_explorer.models.families import FAMILIES
from bert_explorer.models.head_gates import gate_heads
from bert_explorer.models.layer_positions import narrow_layer, run_layer_at
from bert_explorer.models.loader import LoadedModel
from bert_explorer.models.tokenization import EncodedText, EncodedTexts
from bert_explorer.models.values import ValueRecorder, record_values, split_heads
from bert_explorer.results import IntArray


@dataclass(frozen=True)
class Wanted:
    """What one forward pass has to give. ``hidden_layers`` counts 0 as the embedding output.

    ``positions`` are the (rows, columns) of a batch at which alone the last layer's output is looked at.
    ``sole_positions`` (batch,) says that after the last layer only this token of each text is looked at: last
    hidden states and logits of tokens are then (batch, 1, ...).
    ``head_gates`` (batch or 1, num_layers, num_heads) weaken or switch off heads (see head_gates).
    """

    attention_layers: frozenset[int] = frozenset()
    hidden_layers: frozenset[int] = frozenset()
    class_logits: bool = False
    positions: tuple[IntArray, IntArray] | None = None
    sole_positions: IntArray | None = None
    head_gates: Tensor | None = None
    values: bool = False  # of the attention layers, with the projections that they go through
    embedded: Tensor | None = None  # (batch, seq_len, hidden_size) in place of the embeddings' output


@dataclass
class Outputs:
    """Tensors of one batch, padding included, by layer."""

    hidden_states: dict[int, Tensor] = field(default_factory=dict)  # (batch, seq_len, hidden_size)
    attentions: dict[int, Tensor] = field(default_factory=dict)  # (batch, num_heads, seq_len, seq_len)
    values: dict[int, Tensor] = field(default_factory=dict)  # (batch, num_heads, seq_len, head_size)
    projections: dict[int, Tensor] = field(default_factory=dict)  # (output_size, num_heads * head_size)
    class_logits: Tensor | None = None  # (batch, num_labels), of tokens (batch, seq_len, num_labels or 2)
    at_positions: Tensor | None = None  # (num_positions, hidden_size)

    def of_text(self, row: int, seq_len: int) -> "Outputs":
        """Attentions and values of one text without its padding and without the axis of the batch."""
        return Outputs(
            attentions={i: item[row, :, :seq_len, :seq_len] for i, item in self.attentions.items()},
            values={i: item[row, :, :seq_len] for i, item in self.values.items()},
            projections=self.projections,
        )


class _Enough(Exception):
    """Not an error: ends a forward pass once everything asked for is there."""


class ForwardPass:
    """Runs batches through one loaded model. Use from one thread only."""

    def __init__(self, loaded: LoadedModel, pad_id: int) -> None:
        self._network = loaded.network
        self._encoder = loaded.network.base_model
        self._device = loaded.device
        self._pad_id = pad_id
        self._num_layers = loaded.info.num_layers
        self._num_heads = loaded.info.num_heads
        self.word_embeddings: nn.Module = self._encoder.get_input_embeddings()  # type: ignore[operator]
        family = FAMILIES[loaded.info.family]
        self.layers = _find_layers(self._encoder, family.layers)  # ALBERT: fewer than its layers
        path = family.attention_dropout
        self._dropouts = [layer.get_submodule(path) for layer in self.layers] if path else []
        made = family.attention_values
        self._values = [layer.get_submodule(made) for layer in self.layers] if made else []
        outputs = family.head_outputs
        self._projections = [layer.get_submodule(outputs) for layer in self.layers] if outputs else []
        self._queries_apart = family.queries_apart
        norm = family.final_norm
        self._final_norm = self._encoder.get_submodule(norm) if norm else nn.Identity()

    def run(self, batch: Sequence[EncodedText], wanted: Wanted) -> Outputs:
        """Forward one padded batch; call under ``torch.inference_mode()``."""
        types = None if batch[0].type_ids is None else [item.type_ids for item in batch]
        return self._run(self._inputs([item.tokens.input_ids for item in batch], types), wanted)

    def run_texts(self, batch: EncodedTexts, wanted: Wanted) -> Outputs:
        """The same for ids without anything around them."""
        types = [np.zeros_like(ids) for ids in batch.input_ids] if batch.has_types else None
        return self._run(self._inputs(batch.input_ids, types), wanted)

    def _run(self, inputs: dict[str, Tensor], wanted: Wanted) -> Outputs:
        outputs = Outputs()
        gates = None if wanted.head_gates is None else wanted.head_gates.to(self._device)
        if wanted.positions is not None:
            with gate_heads(self._projections, gates):
                outputs.at_positions = self._run_to_positions(inputs, *wanted.positions)
            return outputs
        with (
            gate_heads(self._projections, gates),
            record_attentions(wanted.attention_layers, self._dropouts) as recorder,
            self._watch_values(wanted) as values,
            self._watch_layers(wanted, outputs.hidden_states),
            self._start_from(wanted.embedded),
            self._narrow(wanted.sole_positions, inputs),
        ):
            if wanted.class_logits:
                last, outputs.class_logits = None, _read_logits(self._network(**inputs))
            else:
                last = _until_enough(lambda: self._encoder(**inputs).last_hidden_state)
        if last is not None and self._num_layers in wanted.hidden_layers:
            outputs.hidden_states[self._num_layers] = self._pick_sole(last, wanted.sole_positions)
        if outputs.class_logits is not None and outputs.class_logits.ndim == 3:
            outputs.class_logits = self._pick_sole(outputs.class_logits, wanted.sole_positions)
        outputs.attentions = recorder.weights
        outputs.projections = values.projections
        flat = values.flat_values
        outputs.values = recorder.values | {i: split_heads(flat[i], self._num_heads) for i in flat}
        return outputs

    def normalize(self, hidden: Tensor) -> Tensor:
        """Outputs of inner layers as the head is used to them: through the norm after the last layer."""
        normalized: Tensor = self._final_norm(hidden)
        return normalized

    def _run_to_positions(self, inputs: dict[str, Tensor], rows: IntArray, columns: IntArray) -> Tensor:
        """Last hidden states (num_positions, hidden_size) at these places of the batch."""
        if not self._queries_apart:
            hidden: Tensor = self._encoder(**inputs).last_hidden_state
            return hidden[torch.from_numpy(rows), torch.from_numpy(columns)]
        states: dict[int, Tensor] = {}
        below = self._num_layers - 1
        with self._watch_layers(Wanted(hidden_layers=frozenset({below})), states):
            _until_enough(lambda: self._encoder(**inputs).last_hidden_state)
        return run_layer_at(self.layers[below], states[below], rows, columns, inputs.get("attention_mask"))

    def _narrow(
        self, sole_positions: IntArray | None, inputs: dict[str, Tensor]
    ) -> AbstractContextManager[None]:
        if sole_positions is None or not self._queries_apart:
            return nullcontext()
        return narrow_layer(self.layers[-1], sole_positions, inputs.get("attention_mask"))

    def _pick_sole(self, by_token: Tensor, sole_positions: IntArray | None) -> Tensor:
        """(batch, 1, size), of families whose last layer runs whole as well."""
        if sole_positions is None or self._queries_apart:
            return by_token
        return by_token[torch.arange(len(by_token)), torch.from_numpy(sole_positions)][:, None]

    def _inputs(
        self, batch: Sequence[IntArray], batch_types: Sequence[IntArray | None] | None
    ) -> dict[str, Tensor]:
        """Tensors (batch, seq_len) on the device, padded on the right where lengths differ."""
        longest = max(len(ids) for ids in batch)
        inputs = {"input_ids": _pad(batch, longest, self._pad_id)}
        if any(len(ids) < longest for ids in batch):
            inputs["attention_mask"] = _pad([np.ones_like(ids) for ids in batch], longest, 0)
        if batch_types is not None:
            inputs["token_type_ids"] = _pad(batch_types, longest, 0)
        return {name: torch.from_numpy(array).to(self._device) for name, array in inputs.items()}

    @contextmanager
    def _watch_values(self, wanted: Wanted) -> Iterator[ValueRecorder]:
        if not wanted.values:
            yield ValueRecorder()
            return
        with record_values(self._projections, self._values) as recorder:
            yield recorder

    @contextmanager
    def _start_from(self, embedded: Tensor | None) -> Iterator[None]:
        """Give the first layer ``embedded`` to read; ALBERT calls its module for the others as well."""
        if embedded is None:
            yield
            return
        calls = count()

        def before_layer(_module: nn.Module, args: tuple[Any, ...]) -> tuple[Any, ...] | None:
            return (embedded, *args[1:]) if next(calls) == 0 else None

        handle = self.layers[0].register_forward_pre_hook(before_layer)
        try:
            yield
        finally:
            handle.remove()

    @contextmanager
    def _watch_layers(self, wanted: Wanted, states: dict[int, Tensor]) -> Iterator[None]:
        """Keep the inputs of the layers asked for (a layer's input is the output below), then stop.

        Layers are counted by call: ALBERT calls the same module for all of them.
        """
        inner = wanted.hidden_layers - {self._num_layers}
        highest = max([layer - 1 for layer in wanted.hidden_layers], default=-1)
        last_attention = max(wanted.attention_layers, default=-1)
        last = max(highest, last_attention)
        calls, projections = iter(range(self._num_layers)), iter(range(self._num_layers))

        def before_layer(_module: nn.Module, args: tuple[Any, ...]) -> None:
            layer = next(calls)
            if layer in inner:
                states[layer] = args[0]
            if layer > last:
                raise _Enough

        def before_projection(_module: nn.Module, _args: tuple[Any, ...]) -> None:
            if next(projections) == last_attention:
                raise _Enough  # the weights are there, and nobody wants what the layer makes of them

        needs_hooks = not wanted.class_logits and (bool(inner) or last < self._num_layers - 1)
        stops_inside = last_attention > highest and not (wanted.class_logits or wanted.values)
        with ExitStack() as hooks:
            for module in dict.fromkeys(self.layers) if needs_hooks else ():
                hooks.callback(module.register_forward_pre_hook(before_layer).remove)
            for module in dict.fromkeys(self._projections) if stops_inside else ():
                hooks.callback(module.register_forward_pre_hook(before_projection).remove)
            yield


def _pad(rows: Sequence[IntArray | None], length: int, filling: int) -> IntArray:
    """(rows, length), each row filled up on the right."""
    padded = np.full((len(rows), length), filling, dtype=np.int64)
    for index, row in enumerate(rows):
        if row is not None:
            padded[index, : len(row)] = row
    return padded


def _read_logits(output: Any) -> Tensor:
    """Of a reader of answers (batch, seq_len, 2): where they begin and end."""
    if hasattr(output, "start_logits"):
        return torch.stack((output.start_logits, output.end_logits), dim=-1)
    logits: Tensor = output.logits
    return logits


def _until_enough(forward: Callable[[], Tensor]) -> Tensor | None:
    try:
        return forward()
    except _Enough:
        return None


def _find_layers(encoder: nn.Module, path: str) -> list[nn.Module]:
    """The encoder's layers; of ALBERT's groups, the layers inside."""
    layers: list[nn.Module] = []
    for module in encoder.get_submodule(path).children():
        inside = getattr(module, "albert_layers", None)
        layers.extend(inside if inside is not None else [module])
    return layers
