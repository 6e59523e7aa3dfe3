"""Reads the inside of one network: its weights as arrays, and what its modules took in and gave out.

Weights are handed out as views of the network's own memory where that is the CPU's: they cost nothing, and so
nobody has to keep them. This module computes nothing: what the numbers have to give is recomputed without it.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from bert_explorer.models.anatomies import ANATOMIES
from bert_explorer.models.forward import ForwardPass, Wanted
from bert_explorer.models.heads import masked_lm_head
from bert_explorer.models.loader import LoadedModel
from bert_explorer.models.part_requests import StepsRequest, WeightsRequest, not_shown_error
from bert_explorer.models.tokenization import EncodedText
from bert_explorer.results import Blueprint, Disentangled, FloatArray, PartSteps, PartWeights


def read_blueprint(loaded: LoadedModel) -> Blueprint | None:
    """What a recomputation must know beyond the weights; None for a family or variant not described here."""
    anatomy = ANATOMIES.get(loaded.info.family)
    if anatomy is None:
        return None
    config = loaded.network.config
    table = _find(loaded.network.base_model, anatomy.embeddings.get("position", ""))
    blueprint = Blueprint(
        family=loaded.info.family,
        num_layers=loaded.info.num_layers,
        num_heads=loaded.info.num_heads,
        activation=getattr(config, anatomy.activation),
        head_activation=_head_activation(config, anatomy.head_activation),
        position_pad_id=getattr(table, "padding_idx", None),
    )
    if loaded.info.family == "deberta-v2":
        return None if variant_of(config) else replace(blueprint, disentangled=_distances(config))
    if loaded.info.family != "modernbert":
        return blueprint
    local = [kind == "sliding_attention" for kind in config.layer_types]
    return replace(
        blueprint,
        pre_norm=True,
        windows=tuple(config.sliding_window if is_local else None for is_local in local),
        rotary_bases=tuple(float(config.rope_parameters[kind]["rope_theta"]) for kind in config.layer_types),
    )


def variant_of(config: Any) -> str:
    """What sets a DeBERTa apart from the published version 3, "" for nothing: that is not recomputed."""
    if config.model_type != "deberta-v2":
        return ""
    if getattr(config, "conv_kernel_size", 0) > 0:
        return "has a convolution beside its first layer"
    if getattr(config, "embedding_size", config.hidden_size) != config.hidden_size:
        return "has word embeddings of another width than its layers"
    if config.position_biased_input or config.type_vocab_size > 0:
        return "adds places or segments to its words"
    return "" if config.relative_attention else "knows no distances"


def _distances(config: Any) -> Disentangled:
    reach = config.max_relative_positions
    reach = config.max_position_embeddings if reach < 1 else reach
    buckets = max(0, getattr(config, "position_buckets", -1))
    terms = tuple(term for term in ("c2p", "p2c") if term in (config.pos_att_type or ()))
    return Disentangled(terms, buckets or reach, buckets, reach)


def _head_activation(config: Any, name: str) -> str:
    return name.removeprefix("=") if name.startswith("=") else str(getattr(config, name))


class Dissector:
    """Reads weights and intermediate results of one network. Use from one thread only."""

    def __init__(self, loaded: LoadedModel, forward: ForwardPass) -> None:
        self._info = loaded.info
        self._network = loaded.network
        self._encoder = loaded.network.base_model
        self._forward = forward
        self._anatomy = ANATOMIES.get(loaded.info.family)

    def weights(self, request: WeightsRequest) -> PartWeights:
        """Read-only arrays ``NAME.weight`` (Linear: (out, in)) and ``NAME.bias``, and each norm's epsilon."""
        arrays: dict[str, FloatArray] = {}
        epsilons: dict[str, float] = {}
        for name, module in self._modules(request).items():
            for kind in ("weight", "bias"):
                tensor = getattr(module, kind, None)
                if tensor is None:
                    continue
                if name == "word":
                    tensor = tensor[torch.tensor(request.token_ids, dtype=torch.long, device=tensor.device)]
                arrays[f"{name}.{kind}"] = _as_array(tensor)
            if hasattr(module, "eps"):
                epsilons[name] = float(getattr(module, "eps"))  # noqa: B009 - torch types it as a Tensor
        if "decoder_bias.bias" in arrays:
            arrays["decoder.bias"] = arrays.pop("decoder_bias.bias")
        return PartWeights(arrays, epsilons)

    def observe(self, request: StepsRequest, encoded: EncodedText) -> PartSteps:
        """What each module of the part took in and gave out for this text, read by hooks.

        Under ``torch.inference_mode()``. The forward pass ends behind the part, so that modules which
        serve several layers (ALBERT) are left with what they did last, in the layer asked for.
        """
        layer = {"embeddings": -1, "layer": request.layer, "words": self._info.num_layers - 1}[request.part]
        attentions = frozenset([layer]) if request.part == "layer" else frozenset()
        seen: dict[str, Tensor] = {}
        reads_tables = self._anatomy is not None and self._anatomy.reads_tables
        with _watch(self._modules(request), seen, first_call=reads_tables):
            outputs = self._forward.run([encoded], Wanted(attentions, frozenset([layer + 1])))
            hidden = outputs.hidden_states[layer + 1]
            if request.part == "words":
                head = masked_lm_head(self._network, self._info.family)
                logits = head(hidden[0, request.position : request.position + 1])
                seen["decoder.output"] = logits[0]  # also where the decoder is no module of its own
        seen["output"] = hidden[0]
        if attentions:
            seen["attentions"] = outputs.attentions[layer][0]
        return PartSteps(encoded.tokens, {name: _as_array(tensor.clone()) for name, tensor in seen.items()})

    def _modules(self, request: WeightsRequest | StepsRequest) -> dict[str, nn.Module]:
        assert self._anatomy is not None, "the request was checked"
        if variant := variant_of(self._network.config):
            raise not_shown_error(self._info, f"'{self._info.name}' {variant}")
        if request.part == "words":
            return self._resolve(self._network, self._anatomy.words)
        if request.part == "embeddings":
            return self._resolve(self._encoder, self._anatomy.embeddings)
        modules = self._resolve(self._layer_module(request.layer), self._anatomy.layer)
        if request.layer < self._info.num_layers - 1:
            modules.pop("final_norm", None)
        return modules

    def _resolve(self, root: nn.Module, paths: dict[str, str]) -> dict[str, nn.Module]:
        found: dict[str, nn.Module] = {}
        for name, path in paths.items():
            module = _find(self._encoder if path.startswith("/") else root, path.lstrip("/"))
            if module is not None:
                found[name] = module
        return found

    def _layer_module(self, layer: int) -> nn.Module:
        """The module that computes a layer. ALBERT's groups serve several layers each."""
        modules = self._forward.layers
        groups: int | None = getattr(self._network.config, "num_hidden_groups", None)
        if groups is None:
            return modules[layer]
        inner = len(modules) // groups
        group = int(layer // inner / (int(self._network.config.num_hidden_layers) / groups))
        return modules[group * inner + layer % inner]


def _find(root: nn.Module, path: str) -> nn.Module | None:
    """The module at ``path``; None for no path, and for a missing one that may be missing."""
    if not path:
        return None
    first, *others = path.split("|")
    try:
        found: nn.Module = root.get_submodule(first.removesuffix("?"))
        return found
    except AttributeError:
        if others:
            return _find(root, "|".join(others))
        if first.endswith("?"):
            return None
        raise


@contextmanager
def _watch(
    modules: dict[str, nn.Module], seen: dict[str, Tensor], *, first_call: bool = False
) -> Iterator[None]:
    """Keep ``NAME.input`` and ``NAME.output`` of each module's last (or first) call, the batch axis removed.

    A table of relative positions serves all layers at once and is called before them.
    """

    def keep(name: str) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], None]:
        def hook(_module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
            if not (first_call and f"{name}.input" in seen):
                seen[f"{name}.input"], seen[f"{name}.output"] = inputs[0][0], output[0]

        return hook

    with ExitStack() as hooks:
        for name, module in modules.items():
            if name.startswith("relative"):
                continue
            hooks.callback(module.register_forward_hook(keep(name)).remove)
        yield


def _as_array(tensor: Tensor) -> FloatArray:
    """Read-only; the tensor's own memory where it is float32 on the CPU."""
    array: FloatArray = tensor.detach().float().cpu().numpy().view()
    array.flags.writeable = False
    return array
