"""The four operations that a BERT is made of, on numpy arrays in float32.

linear       y = x W^T + b                          W is (out, in), as it is stored
layer norm   y = g (x - mean) / sqrt(var + eps) + b  over the last axis (Ba et al. 2016)
softmax      y_i = exp(x_i) / sum_j exp(x_j)         over the last axis
GELU         y = x P(X <= x), X ~ N(0, 1)            (Hendrycks & Gimpel 2016)

linear([1, 2], W=[[1, 0], [1, 1]], b=[0, 1]) = [1, 4]
layer_norm([1, 3], g=[1, 1], b=[0, 1])       = [-1, 2]       mean 2, variance 1
softmax([0, ln 3])                           = [0.25, 0.75]
gelu(0) = 0,  gelu(1) = 0.8413 = P(X <= 1)
"""

from collections.abc import Callable

import numpy as np
from scipy.special import erf

from bert_explorer.errors import CapabilityError
from bert_explorer.results import FloatArray, PartWeights


def linear(x: FloatArray, weights: PartWeights, name: str) -> FloatArray:
    """(..., in) -> (..., out) by the weights NAME; without a bias where the family has none."""
    y = x @ weights.arrays[f"{name}.weight"].T
    bias = weights.arrays.get(f"{name}.bias")
    return np.asarray(y if bias is None else y + bias, dtype=np.float32)


def layer_norm(x: FloatArray, weights: PartWeights, name: str) -> FloatArray:
    """Each vector of the last axis to mean 0 and variance 1, then scaled and shifted by the weights NAME."""
    y = standardize(x, weights.epsilons[name]) * weights.arrays[f"{name}.weight"]
    bias = weights.arrays.get(f"{name}.bias")
    return np.asarray(y if bias is None else y + bias, dtype=np.float32)


def standardize(x: FloatArray, epsilon: float) -> FloatArray:
    """``(x - mean) / sqrt(variance + epsilon)`` over the last axis, the variance with divisor n."""
    centred = x - x.mean(axis=-1, keepdims=True)
    variance = np.square(centred).mean(axis=-1, keepdims=True)
    return np.asarray(centred / np.sqrt(variance + epsilon), dtype=np.float32)


def softmax(scores: FloatArray) -> FloatArray:
    """Over the last axis; the largest score is taken off first, so that nothing overflows."""
    exponentials = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=-1, keepdims=True), dtype=np.float32)


def gelu(x: FloatArray) -> FloatArray:
    """``x (1 + erf(x / sqrt 2)) / 2``."""
    return np.asarray(x * 0.5 * (1.0 + erf(x / np.sqrt(2.0))), dtype=np.float32)


def gelu_tanh(x: FloatArray) -> FloatArray:
    """GELU's approximation by tanh, which some ALBERT checkpoints use."""
    inner = np.sqrt(2.0 / np.pi) * (x + 0.044715 * x**3)
    return np.asarray(0.5 * x * (1.0 + np.tanh(inner)), dtype=np.float32)


def relu(x: FloatArray) -> FloatArray:
    return np.maximum(x, np.float32(0.0))


def silu(x: FloatArray) -> FloatArray:
    return np.asarray(x / (1.0 + np.exp(-x)), dtype=np.float32)


ACTIVATIONS: dict[str, Callable[[FloatArray], FloatArray]] = {
    "gelu": gelu,
    "gelu_new": gelu_tanh,
    "gelu_pytorch_tanh": gelu_tanh,
    "relu": relu,
    "silu": silu,
    "swish": silu,
}


def activate(x: FloatArray, name: str) -> FloatArray:
    """The activation function by the name in the model's config. CapabilityError for one not known here."""
    if name not in ACTIVATIONS:
        known = ", ".join(ACTIVATIONS)
        raise CapabilityError(
            f"This model uses the activation function '{name}', which is not recomputed here. "
            f"Known are: {known}."
        )
    return ACTIVATIONS[name](x)
