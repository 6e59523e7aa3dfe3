"""How good the model is on text that it never saw: masked words and next sentences.

Top-1 and top-5 accuracy and perplexity over 15 % of the tokens, all of them shown as [MASK]; next-sentence
accuracy over the pairs with a label, half of which are true neighbours.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch.nn.functional import cross_entropy
from transformers import BertForPreTraining

from bert_explorer.analysis.corruption import Masking
from bert_explorer.pretraining.batches import Batch, SpecialIds, collate
from bert_explorer.pretraining.corpus import TokenizedDocuments
from bert_explorer.pretraining.pairs import NO_LABEL, build_pairs

EVALUATION_SEED = 7
MASKED_SHARE = 0.15


@dataclass(frozen=True)
class Evaluation:
    top1: float
    top5: float
    perplexity: float
    next_sentence_accuracy: float
    num_masks: int
    num_pairs: int


def held_out_batches(
    documents: TokenizedDocuments,
    *,
    num_sequences: int | None,
    seq_len: int,
    masking: Masking,
    special: SpecialIds,
) -> list[Batch]:
    """The same sequences with the same masks at every call; all that there are for None."""
    generator = np.random.default_rng(EVALUATION_SEED)
    pairs = build_pairs(documents, seq_len=seq_len, seed=(EVALUATION_SEED,))
    chosen = generator.permutation(len(pairs))[:num_sequences]
    ordered = sorted((pairs[i] for i in chosen), key=lambda pair: pair.seq_len)
    masking = replace(masking, share=MASKED_SHARE, mask_share=1.0, random_share=0.0)
    return [collate(ordered[i : i + 16], masking, special, generator) for i in range(0, len(ordered), 16)]


@torch.inference_mode()
def evaluate(model: BertForPreTraining, batches: Sequence[Batch]) -> Evaluation:
    top1 = top5 = num_masks = right_pairs = num_pairs = 0
    loss = 0.0
    for batch in batches:
        logits, next_sentence = forward(model, batch)
        labels = torch.from_numpy(batch.mask_labels).to(logits.device)
        loss += float(cross_entropy(logits, labels, reduction="sum"))
        hits = logits.topk(5).indices == labels[:, None]  # (num_masks, 5)
        top1 += int(hits[:, 0].sum())
        top5 += int(hits.sum())
        num_masks += len(labels)
        is_pair = batch.next_sentence_labels != NO_LABEL
        verdicts = next_sentence.argmax(-1).cpu().numpy()
        right_pairs += int((verdicts == batch.next_sentence_labels)[is_pair].sum())
        num_pairs += int(is_pair.sum())
    return Evaluation(
        top1=top1 / num_masks,
        top5=top5 / num_masks,
        perplexity=math.exp(loss / num_masks),
        next_sentence_accuracy=right_pairs / num_pairs if num_pairs else math.nan,
        num_masks=num_masks,
        num_pairs=num_pairs,
    )


def forward(model: BertForPreTraining, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
    """Logits (num_masks, vocab_size) at the masks only, and (batch_size, 2) for the pairs.

    The vocabulary is as costly as six small layers: elsewhere its logits would be thrown away.
    """
    return apply_heads(model, encode(model, batch), batch)


def encode(model: BertForPreTraining, batch: Batch, *, hidden_states: bool = False) -> Any:
    """What the encoder makes of a batch, masks included."""
    device = model.device
    return model.bert(
        input_ids=torch.from_numpy(batch.input_ids).to(device),
        attention_mask=torch.from_numpy(batch.attention_mask).to(device),
        token_type_ids=torch.from_numpy(batch.token_type_ids).to(device),
        output_hidden_states=hidden_states,
    )


def apply_heads(model: BertForPreTraining, outputs: Any, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
    """The two results of ``forward``, from what ``encode`` gave."""
    positions = torch.from_numpy(batch.mask_positions).to(model.device)
    at_masks = outputs.last_hidden_state.flatten(0, 1)[positions]  # (num_masks, hidden_size)
    return model.cls.predictions(at_masks), model.cls.seq_relationship(outputs.pooler_output)
