"""The frozen modules at the bottom of a model: their output for a batch, and how to go on from it.

``hand_on`` makes each of them give back the vectors that it is given, so that a batch of their outputs,
passed as ``inputs_embeds``, takes the same way through masks, upper layers and head as the tokens would.
The weights stay where they are: what is saved then is the whole model.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from transformers import PreTrainedModel

from bert_explorer.errors import InputError
from bert_explorer.training.freezing import find_layers

READ_BY_ENCODERS = ("input_ids", "inputs_embeds", "attention_mask", "token_type_ids")


class _Reached(Exception):
    """Carries the output of the last frozen layer out of a forward pass that need not go on."""


@dataclass(frozen=True)
class FrozenPrefix:
    """``modules`` run one after the other: the embeddings, then the frozen layers, at least one."""

    model: PreTrainedModel
    modules: tuple[nn.Module, ...]

    def compute(self, batch: Mapping[str, Any]) -> torch.Tensor:
        """The output of the last frozen layer, (B, S, hidden_size); the pass ends there."""
        return states_of(self._run_to_last_layer(batch)).float().cpu()

    @contextmanager
    def handing_on(self, batch: Mapping[str, Any]) -> Iterator[None]:
        """Within, the modules compute nothing. Any ``batch`` of tokens shows what they return."""
        self.hand_on(batch)
        try:
            yield
        finally:
            for module in self.modules:
                del module.forward

    def hand_on(self, batch: Mapping[str, Any]) -> None:
        """From now on the modules compute nothing."""
        output = self._run_to_last_layer(batch)
        layers = list(find_layers(self.model.base_model))
        for module in self.modules:
            in_tuple = isinstance(output, tuple) and any(module is layer for layer in layers)
            module.forward = _give_in_tuple(len(output)) if in_tuple else _give_states

    def _run_to_last_layer(self, batch: Mapping[str, Any]) -> Any:
        def stop(_module: nn.Module, _inputs: object, output: Any) -> None:
            raise _Reached(output)

        hook = self.modules[-1].register_forward_hook(stop)
        try:
            run_without_labels(self.model, batch)
        except _Reached as reached:
            return reached.args[0]
        finally:
            hook.remove()
        raise RuntimeError("the last frozen layer did not run")


def find_frozen_prefix(model: PreTrainedModel, freeze: str) -> FrozenPrefix | None:
    """None where no layer is frozen, or none can be found."""
    encoder = model.base_model
    try:
        layers = list(find_layers(encoder))
    except InputError:
        return None
    num_frozen = len(layers) if freeze == "all" else int(freeze) if freeze.isdigit() else 0
    embeddings = [child for name, child in encoder.named_children() if name.startswith("embeddings")]
    if not num_frozen or not embeddings:
        return None
    return FrozenPrefix(model, (*embeddings, *layers[:num_frozen]))


def run_without_labels(model: PreTrainedModel, batch: Mapping[str, Any]) -> torch.Tensor:
    """The first output of the model (the logits), without dropout, gradient or loss."""
    inputs = {name: batch[name].to(model.device) for name in READ_BY_ENCODERS if name in batch}
    was_training = model.training
    model.eval()  # type: ignore[no-untyped-call]
    try:
        with torch.no_grad():
            return torch.as_tensor(model(**inputs)[0]).float().cpu()
    finally:
        model.train(was_training)


def _give_states(*args: Any, **kwargs: Any) -> torch.Tensor:
    """The one argument that is a tensor of vectors, (B, S, H)."""
    for value in (*args, *kwargs.values()):
        if isinstance(value, torch.Tensor) and value.ndim == 3 and value.is_floating_point():
            return value
    raise ValueError("no vectors are given")


def _give_in_tuple(length: int) -> Callable[..., tuple[torch.Tensor | None, ...]]:
    """As the layers of some families return it: with attentions that nobody asked for."""

    def give(*args: Any, **kwargs: Any) -> tuple[torch.Tensor | None, ...]:
        return (_give_states(*args, **kwargs), *[None] * (length - 1))

    return give


def states_of(output: Any) -> torch.Tensor:
    """The vectors among what a layer or an encoder gives."""
    return output if isinstance(output, torch.Tensor) else torch.as_tensor(output[0])
