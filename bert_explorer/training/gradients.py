"""How hard each layer is pulled: the norm of the loss's gradient, layer by layer, now and then in a training.

    || g ||_2 over all weights of a layer that learn, before clipping

Where a layer gets next to nothing, it hardly learns. What it does not say: how far the weights move, which
Adam makes nearly independent of the length of the gradient.
"""

from torch import nn
from torch.nn.utils import get_total_norm
from transformers import PreTrainedModel

from bert_explorer.errors import InputError
from bert_explorer.results import GRADIENT_PREFIX, TrainingMetric
from bert_explorer.training.freezing import AFTER_LAST_LAYER, find_layers
from bert_explorer.training.monitor import RunMonitor

MAX_LOOKS = 60  # in a run; each reads every gradient once
EMBEDDINGS, HEAD, LAYERS = "embeddings", "head", "layers"


class GradientWatch:
    """Reports the norms to the run's monitor, in the first step and all multiples of ``interval``."""

    def __init__(self, model: PreTrainedModel, monitor: RunMonitor, *, interval: int) -> None:
        self._groups = group_weights(model)
        self._monitor = monitor
        self._interval = interval

    def look(self, step: int, epoch: float) -> None:
        """After a backward pass. ``step`` counts from 1."""
        if step != 1 and step % self._interval:
            return
        norms = gradient_norms(self._groups)
        self._monitor.measured(
            [TrainingMetric(step, epoch, GRADIENT_PREFIX + name, value) for name, value in norms.items()]
        )


def group_weights(model: PreTrainedModel) -> dict[str, list[nn.Parameter]]:
    """Weights that learn: of the embeddings, of each layer (counted from 0), and of all that comes after."""
    encoder = model.base_model
    try:
        layers = [list(layer.parameters()) for layer in find_layers(encoder)]
    except InputError:  # layers that are all one (ALBERT)
        layers = []
    place = {id(weight): str(index) for index, layer in enumerate(layers) for weight in layer}
    for name, child in encoder.named_children():
        rest = EMBEDDINGS if name.startswith(EMBEDDINGS) else HEAD if name in AFTER_LAST_LAYER else LAYERS
        for weight in child.parameters():
            place.setdefault(id(weight), rest)
    groups: dict[str, list[nn.Parameter]] = {}
    for weight in model.parameters():
        if weight.requires_grad:
            groups.setdefault(place.get(id(weight), HEAD), []).append(weight)
    return groups


def gradient_norms(groups: dict[str, list[nn.Parameter]]) -> dict[str, float]:
    """Euclidean norms; a group without any gradient is left out."""
    found = {}
    for name, weights in groups.items():
        gradients = [weight.grad for weight in weights if weight.grad is not None]
        if gradients:
            found[name] = float(get_total_norm(gradients))
    return found
