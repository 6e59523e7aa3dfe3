"""Takes what is watched out of forward passes that happen anyway, or are made for it.

Hooks lie on the layers, on the projections that read the heads side by side, and on the model as a whole.
They do something only while the model is in evaluation mode, so that a step of training costs nothing more.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from bert_explorer.models.families import FAMILIES
from bert_explorer.results import FloatArray
from bert_explorer.training.film.changes import layers_of
from bert_explorer.training.film.items import Watched
from bert_explorer.training.frozen_prefix import states_of


@dataclass(frozen=True)
class Seen:
    """Of one pass over the watched rows. Logits are those of each item, whatever their shape."""

    vectors: FloatArray  # (num_layers, num_items, hidden_size)
    contexts: FloatArray  # (num_learning_layers, num_items, num_heads * head_size)
    logits: list[Any]  # (num_items,)


class PassWatcher:
    """Collects, batch by batch; ``finish`` gives what was seen, in the order of the items.

    Of layers, those from number ``first`` on are watched (from 1), and the last in any case. ``rows`` in
    ``begin`` are the held-out rows that will come, in their order; without it, all of them.
    """

    def __init__(self, model: PreTrainedModel, watched: Sequence[Watched], num_rows: int, first: int) -> None:
        self._model, self._watched, self._num_rows = model, watched, num_rows
        self._items_of: dict[int, list[int]] = {}
        for index, item in enumerate(watched):
            self._items_of.setdefault(item.row, []).append(index)
        self.layers, self._hooked = _watched_layers(model, first)
        projections = _projections(model)
        self.knows_heads = bool(projections)
        self._projections = projections[first - 1 :]
        self._hooks = ExitStack()
        self._is_paused = False
        self._forget()

    def begin(self, rows: Sequence[int] | None = None) -> None:
        """From now on batches are these rows."""
        self._forget()
        self._order = list(range(self._num_rows)) if rows is None else list(rows)

    def finish(self) -> Seen | None:
        """None where not all watched rows went through the model."""
        places = {item: place for place, item in enumerate(self._found)}
        complete = len(places) == len(self._watched) and self._next == len(self._order)
        order = [places[item] for item in range(len(self._watched))] if complete else []
        seen = Seen(_join(self._vectors, order), _join(self._contexts, order), []) if complete else None
        if seen is not None:
            seen.logits.extend(self._logits[place] for place in order)
        self._forget()
        return seen

    def attach(self) -> ExitStack:
        """Lays the hooks; the answer takes them away when it is closed."""
        add = self._hooks.callback
        add(self._model.register_forward_pre_hook(self._start_batch, with_kwargs=True).remove)
        for number, module in enumerate(self._hooked):
            add(module.register_forward_hook(self._take_states(number)).remove)
        for number, module in enumerate(self._projections):
            add(module.register_forward_pre_hook(self._take_context(number)).remove)
        add(self._model.register_forward_hook(self._end_batch).remove)
        return self._hooks

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Inside, other rows may go through the model."""
        self._is_paused = True
        try:
            yield
        finally:
            self._is_paused = False

    def _forget(self) -> None:
        self._order = list(range(self._num_rows))
        self._next = 0
        self._picks: list[tuple[int, int, int]] = []  # (place in the batch, position, item)
        self._found: list[int] = []
        self._vectors: list[list[FloatArray]] = [[] for _ in self.layers]
        self._contexts: list[list[FloatArray]] = [[] for _ in self._projections]
        self._logits: list[Any] = []

    def _start_batch(self, model: nn.Module, args: Any, kwargs: dict[str, Any]) -> None:
        self._picks = []
        if model.training or self._is_paused:
            return
        size = len(next(value for value in (*args, *kwargs.values()) if isinstance(value, Tensor)))
        rows = self._order[self._next : self._next + size]
        self._next += size
        self._picks = [
            (place, self._watched[item].position, item)
            for place, row in enumerate(rows)
            for item in self._items_of.get(row, ())
        ]
        self._found += [item for *_, item in self._picks]

    def _take_states(self, number: int) -> Callable[..., None]:
        def take(_module: nn.Module, _inputs: object, output: Any) -> None:
            if self._picks:
                self._vectors[number].append(self._pick(states_of(output)))

        return take

    def _take_context(self, number: int) -> Callable[..., None]:
        def take(_module: nn.Module, args: tuple[Tensor, ...]) -> None:
            if self._picks:
                self._contexts[number].append(self._pick(args[0]))

        return take

    def _pick(self, states: Tensor) -> FloatArray:
        """(num_picked, hidden_size) of states (B, S, hidden_size)."""
        places = torch.tensor([place for place, *_ in self._picks], device=states.device)
        positions = torch.tensor([position for _, position, _ in self._picks], device=states.device)
        return np.asarray(states.detach()[places, positions].float().cpu().numpy())

    def _end_batch(self, _module: nn.Module, _inputs: object, output: Any) -> None:
        if not self._picks:
            return
        if "start_logits" in output:
            starts, ends = (output[name].detach().float().cpu().numpy() for name in SPAN_LOGITS)
            self._logits += [(starts[place], ends[place]) for place, *_ in self._picks]
            return
        logits = output["logits"].detach().float().cpu().numpy()  # (B, K) or (B, S, K)
        by_token = logits.ndim == 3
        self._logits += [logits[place, at] if by_token else logits[place] for place, at, _ in self._picks]


SPAN_LOGITS = ("start_logits", "end_logits")


def _join(batches: list[list[FloatArray]], order: list[int]) -> FloatArray:
    """(num_layers, num_items, size)"""
    if not batches:
        return np.zeros((0, len(order), 0), dtype=np.float32)
    return np.stack([np.concatenate(layer)[order] for layer in batches])


def _watched_layers(model: PreTrainedModel, first: int) -> tuple[tuple[int, ...], list[nn.Module]]:
    """Numbers of the layers from ``first`` (from 1) on, and the modules that give their outputs."""
    layers = layers_of(model)
    if not layers:  # one layer many times over: its last output is the encoder's
        return (int(model.config.num_hidden_layers),), [model.base_model]
    norm = FAMILIES[model.config.model_type].final_norm
    if norm:
        layers[-1] = model.base_model.get_submodule(norm)
    first = min(first, len(layers))
    return tuple(range(first, len(layers) + 1)), layers[first - 1 :]


def _projections(model: PreTrainedModel) -> list[nn.Module]:
    """What reads the outputs of all heads side by side, layer by layer; none where it is not known."""
    path = FAMILIES[model.config.model_type].head_outputs
    return [layer.get_submodule(path) for layer in layers_of(model)] if path else []
