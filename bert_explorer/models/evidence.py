"""The evidence for one prediction, its slopes along a line of inputs, and what it is in edited copies.

    evidence = log (p / (1 - p)) = z_c - log sum_{k != c} exp z_k

for the class, tag, token or masked word c among all that exclude each other; z_c itself, which is the same
quantity, for a label that does not exclude others; and the predicted number for regression. Unlike a logit it
does not depend on a constant that all logits share, and unlike a probability it does not flatten where
the model is sure.

Slopes are those of integrated gradients (Sundararajan et al. 2017), through the outputs x of the embeddings:

    slopes[i, t] = sum_h (x - x0)[t, h] dF / dx[t, h]   at   x0 + points[i] (x - x0)
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from bert_explorer.errors import InputError
from bert_explorer.models.evidence_requests import (
    EditedCopiesRequest,
    EvidenceRequest,
    PathGradientsRequest,
    TextEdit,
    explained_head,
)
from bert_explorer.models.forward import ForwardPass, Wanted
from bert_explorer.models.head_gates import closed_gates
from bert_explorer.models.heads import Head
from bert_explorer.models.tokenization import EncodedText
from bert_explorer.results import Capability, IntArray, ModelInfo, Target

Item = tuple[Any, EncodedText]


class EvidenceReader:
    """Answers EvidenceRequests of one kind, many at a time. Use from one thread only."""

    def __init__(
        self, forward: ForwardPass, masked_lm: Head | None, mask_id: int | None, pad_id: int, info: ModelInfo
    ) -> None:
        self._forward = forward
        self._masked_lm = masked_lm
        self._mask_id = mask_id
        self._pad_id = pad_id
        self._info = info

    def check(self, request: EvidenceRequest, encoded: EncodedText) -> None:
        """InputError for positions that the text does not have, or a target that an edit takes away."""
        target = request.target.position
        edits = request.edits if isinstance(request, EditedCopiesRequest) else ()
        edited = {place for edit in edits for place in (*edit.hidden, *edit.dropped)}
        for position in edited | ({target} if target is not None else set()):
            if not 0 <= position < len(encoded):
                raise InputError(
                    f"The text has no token {position}: its tokens count from 0 to {len(encoded) - 1}."
                )
        if any(target in edit.dropped for edit in edits):
            raise InputError(f"Token {target} is asked about, and cannot be left out. Hide it instead.")

    def path_slopes(self, items: Sequence[Item]) -> list[tuple[Tensor, Tensor]]:
        """Of each item slopes (num_points, seq_len) and evidence (num_points,).

        Call outside ``torch.inference_mode()``.
        """
        texts = [encoded for _, encoded in items]
        counts = [len(request.points) for request, _ in items]
        with torch.no_grad():
            ends = self._embed(texts)
            starts = self._embed_baseline(items[0][0], texts, ends)
            rows = torch.repeat_interleave(torch.arange(len(items)), torch.tensor(counts)).to(ends.device)
            points = torch.tensor([point for request, _ in items for point in request.points])
            ways = (ends - starts)[rows]
            inputs = starts[rows] + points.to(ends)[:, None, None] * ways
        repeated = [item for item, count in zip(items, counts, strict=True) for _ in range(count)]
        with torch.enable_grad():
            inputs.requires_grad_()
            evidence = self._evidence(
                [encoded for _, encoded in repeated], [request for request, _ in repeated], embedded=inputs
            )
            (gradients,) = torch.autograd.grad(evidence.sum(), inputs)
        slopes = (gradients * ways).sum(dim=-1)  # (all points, longest)
        limits = pairwise(accumulate(counts, initial=0))
        return [
            (slopes[low:high, : len(encoded)], evidence[low:high].detach())
            for (low, high), encoded in zip(limits, texts, strict=True)
        ]

    def copies(self, items: Sequence[Item]) -> list[Tensor]:
        """Of each item the evidence (num_edits,) in its copies. Call under ``torch.inference_mode()``."""
        copies: list[EncodedText] = []
        requests: list[EvidenceRequest] = []
        for request, encoded in items:
            for edit in request.edits:
                copies.append(edit_text(encoded, edit, self._mask_id))
                requests.append(replace(request, target=move_target(request.target, edit), edits=()))
        evidence = self._evidence(copies, requests)
        return list(torch.functional.split(evidence, [len(request.edits) for request, _ in items]))

    def _evidence(
        self,
        texts: Sequence[EncodedText],
        requests: Sequence[EvidenceRequest],
        *,
        embedded: Tensor | None = None,
    ) -> Tensor:
        """(len(texts),) by one forward pass."""
        info, head = self._info, explained_head(self._info)
        of_words, of_spans = head == Capability.MASKED_LM, head == Capability.QUESTION_ANSWERING
        targets = [request.target for request in requests]
        wanted = Wanted(
            hidden_layers=frozenset([info.num_layers]) if of_words else frozenset(),
            class_logits=not of_words,
            head_gates=closed_gates(requests[0].ablated, info.num_layers, info.num_heads),
            embedded=embedded,
            # the end of an answer is chosen among all tokens; whatever else is predicted, at one
            sole_positions=None if of_spans else np.array([target.position or 0 for target in targets]),
        )
        outputs = self._forward.run(texts, wanted)
        if of_words:
            assert self._masked_lm is not None
            return weigh_all(self._masked_lm(outputs.hidden_states[info.num_layers][:, 0]), targets, info)
        assert outputs.class_logits is not None
        if not of_spans:
            by_text = outputs.class_logits if targets[0].position is None else outputs.class_logits[:, 0]
            return weigh_all(by_text, targets, info)
        ends = zip(outputs.class_logits, targets, texts, strict=True)
        return torch.stack([weigh_end(row[: len(text)], target, info) for row, target, text in ends])

    def _embed(self, texts: Sequence[EncodedText]) -> Tensor:
        """Outputs of the embeddings (batch, longest, hidden_size)."""
        return self._forward.run(texts, Wanted(hidden_layers=frozenset([0]))).hidden_states[0]

    def _embed_baseline(
        self, request: PathGradientsRequest, texts: Sequence[EncodedText], ends: Tensor
    ) -> Tensor:
        if request.baseline == "origin":
            return torch.zeros_like(ends)
        table = self._forward.word_embeddings
        token_id = {"pad": self._pad_id, "mask": self._mask_id}.get(request.baseline)
        rows = table.get_parameter("weight")
        vector = torch.zeros_like(rows[0]) if token_id is None else rows[token_id]
        with exchange_words(table, self._ordinary(texts).to(ends.device), vector):
            return self._embed(texts)

    def _ordinary(self, texts: Sequence[EncodedText]) -> Tensor:
        """(batch, longest): True for tokens of the text itself; special ones and masks stay as they are."""
        ordinary = torch.zeros(len(texts), max(map(len, texts)), dtype=torch.bool)
        for row, text in enumerate(texts):
            keeps = text.tokens.is_special | (text.tokens.input_ids == self._mask_id)
            ordinary[row, : len(text)] = torch.from_numpy(~keeps)
        return ordinary


def weigh_all(logits: Tensor, targets: Sequence[Target], info: ModelInfo) -> Tensor:
    """The evidence (n,) for one choice in each row of ``logits`` (n, num_choices)."""
    chosen = torch.tensor([[target.index] for target in targets], device=logits.device)
    own = logits.gather(1, chosen)[:, 0]
    if logits.shape[1] == 1 or info.problem_type in ("regression", "multi_label_classification"):
        return own
    others = logits.scatter(1, chosen, -torch.inf)
    return own - others.logsumexp(dim=1)


def weigh_end(logits: Tensor, target: Target, info: ModelInfo) -> Tensor:
    """The same for one end of an answer: a choice among all tokens of ``logits`` (seq_len, 2)."""
    assert target.position is not None
    return weigh_all(logits[None, :, target.index], [Target(target.position)], info)[0]


def edit_text(encoded: EncodedText, edit: TextEdit, mask_id: int | None) -> EncodedText:
    """The copy as the model shall read it. Only ids, types and the length of its ``tokens`` are true."""
    ids: IntArray = encoded.tokens.input_ids.copy()
    if edit.hidden:
        assert mask_id is not None
        ids[list(edit.hidden)] = mask_id
    kept = np.setdiff1d(np.arange(len(ids)), edit.dropped)
    names = tuple(encoded.tokens.tokens[i] for i in kept)
    types = None if encoded.type_ids is None else encoded.type_ids[kept]
    return EncodedText(replace(encoded.tokens, tokens=names, input_ids=ids[kept]), types)


def move_target(target: Target, edit: TextEdit) -> Target:
    """The same target where tokens before it are gone."""
    if target.position is None:
        return target
    return replace(target, position=target.position - sum(i < target.position for i in set(edit.dropped)))


@contextmanager
def exchange_words(table: nn.Module, where: Tensor, vector: Tensor) -> Iterator[None]:
    """In the forward passes inside the block, the word vectors at ``where`` (batch, seq_len) are ``vector``.

    Ids stay, so that families which count positions from them count as before.
    """

    def after_lookup(_module: nn.Module, _args: Any, output: Tensor) -> Tensor:
        return torch.where(where[:, :, None], vector, output)

    handle = table.register_forward_hook(after_lookup)
    try:
        yield
    finally:
        handle.remove()
