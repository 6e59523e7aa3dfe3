"""A teacher that the trained encoder stays near to, so that reading wears away less of what it knew.

The teacher reads the batch without masks. At every token that the student sees as it is, the student's hidden
states are drawn towards the teacher's, layer by layer: a frozen copy of the encoder that the training began
with keeps its features in the words, while the masked places stay free for predictions and the first token
for the pair. The loss is that of Jiao et al. 2020 (TinyBERT, section 3.1: mean squared error between hidden
states), in units of the teacher's own variance in that layer.

The words' own vectors are held as well, those of the whole vocabulary: they are the decoder's too, so that
every masked word pushes all the others away, and a word that the corpus never has would drift without limit.
"""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from transformers import BertModel

from bert_explorer.errors import InputError
from bert_explorer.pretraining.batches import Batch


class Teacher:
    """A frozen BERT encoder with as many layers, of the same width and vocabulary, as the student.

    It holds the words' own vectors, and the hidden states of the lowest ``num_layers`` layers.
    """

    def __init__(self, encoder: BertModel, weight: float, num_layers: int) -> None:
        self._encoder: Any = encoder.requires_grad_(False)  # from_pretrained gives it without dropout
        self._weight, self._num_layers = weight, num_layers

    def loss(self, student: BertModel, hidden_states: tuple[torch.Tensor, ...], batch: Batch) -> torch.Tensor:
        """``weight`` times the squared distance in variances of the teacher: of words, and of hidden states.

        ``hidden_states`` are the student's, (batch_size, seq_len, hidden_size) each; the mean over the
        lowest layers counts. The first ones, before any layer, do not: the words' own vectors stand for them.
        """
        device = hidden_states[0].device
        where = torch.from_numpy(_seen_as_is(batch)).to(device)
        with torch.no_grad():
            outputs = self._encoder(
                input_ids=torch.from_numpy(_without_masks(batch)).to(device),
                attention_mask=torch.from_numpy(batch.attention_mask).to(device),
                token_type_ids=torch.from_numpy(batch.token_type_ids).to(device),
                output_hidden_states=True,
            )
        distances = []
        counted = slice(1, 1 + self._num_layers)
        for mine, theirs in zip(hidden_states[counted], outputs.hidden_states[counted], strict=True):
            goal = theirs[where].float()
            distances.append((mine[where].float() - goal).square().mean() / goal.var())
        return self._weight * (torch.stack(distances).mean() + self._distance_of_words(student))

    def _distance_of_words(self, student: BertModel) -> torch.Tensor:
        mine, goal = (
            bert.embeddings.word_embeddings.weight  # (vocab_size, hidden_size)
            for bert in (student, self._encoder)
        )
        distance: torch.Tensor = (mine - goal).square().mean() / goal.var()
        return distance


def load_teacher(folder: Path, student: BertModel, weight: float, num_layers: int | None = None) -> Teacher:
    """With ``num_layers`` only so many of the lowest layers are held, the others learn as they like.

    Raises InputError for a teacher of another shape, or without so many layers.
    """
    encoder: Any = BertModel.from_pretrained(
        folder,
        dtype=torch.float32,
        attn_implementation="eager",
        use_safetensors=True,
        add_pooling_layer=False,
    )
    for name in ("num_hidden_layers", "hidden_size", "vocab_size"):
        ours, theirs = getattr(student.config, name), getattr(encoder.config, name)
        if ours != theirs:
            raise InputError(
                f"The teacher in {folder} has {name} {theirs}, the trained model {ours}. Give a teacher of "
                "the same shape: the encoder that the training began with."
            )
    there_are = student.config.num_hidden_layers
    if num_layers is not None and num_layers > there_are:
        raise InputError(f"The teacher has {there_are} layers, {num_layers} cannot be held. Give fewer.")
    return Teacher(encoder.to(student.device), weight, num_layers or there_are)


def _without_masks(batch: Batch) -> npt.NDArray[np.int64]:
    ids = batch.input_ids.reshape(-1).copy()
    ids[batch.mask_positions] = batch.mask_labels
    return ids.reshape(batch.input_ids.shape)


def _seen_as_is(batch: Batch) -> npt.NDArray[np.bool_]:
    """True at every token but the first that is neither padding nor to be predicted."""
    seen = batch.attention_mask.astype(bool)
    seen[:, 0] = False
    seen.reshape(-1)[batch.mask_positions] = False
    return seen
