"""A few fixed sentences with a hidden word, answered at every evaluation of a training.

Held-out accuracy is a number; these show what it means: how "The capital of France is [MASK]." went from
noise to an answer. They are looked at, never trained on or tuned to.
"""

from dataclasses import asdict, dataclass
from typing import Any

import torch
from transformers import BertForPreTraining, PreTrainedTokenizerFast

from bert_explorer.errors import InputError

NUM_ANSWERS = 5


@dataclass(frozen=True)
class Cloze:
    """``expected`` is the word that most people would write; one token of the vocabulary, or empty."""

    text: str
    expected: str = ""


SENTENCES = (
    Cloze("The capital of France is [MASK].", "paris"),
    Cloze("He drank a glass of [MASK].", "water"),
    Cloze("The opposite of hot is [MASK].", "cold"),
    Cloze("The dogs [MASK] barking all night.", "were"),
    Cloze("She put the [MASK] in the oven to bake.", "bread"),
    Cloze("The sun rises in the [MASK].", "east"),
    Cloze("Doctors and nurses work in a [MASK].", "hospital"),
    Cloze("Two plus two is [MASK].", "four"),
    Cloze("A week has seven [MASK].", "days"),
    Cloze("The Second World [MASK] ended in 1945.", "war"),
    Cloze("Water is made of hydrogen and [MASK].", "oxygen"),
    Cloze("Once upon a [MASK], there was a king.", "time"),
)


class ClozeProbe:
    """Answers the sentences with the weights of the moment.

    Raises InputError for a sentence without exactly one mask, or an expected word that is not one token.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerFast, sentences: tuple[Cloze, ...] = SENTENCES) -> None:
        self._tokenizer, self._sentences = tokenizer, sentences
        self._ids = [tokenizer(item.text)["input_ids"] for item in sentences]
        self._expected = [tokenizer.convert_tokens_to_ids(item.expected) for item in sentences]
        for item, ids, expected in zip(sentences, self._ids, self._expected, strict=True):
            if len(ids) > tokenizer.model_max_length:
                raise InputError(
                    f"'{item.text[:40]}…' has {len(ids)} tokens; at most {tokenizer.model_max_length} fit."
                )
            if ids.count(tokenizer.mask_token_id) != 1:
                raise InputError(f"'{item.text}' must hold {tokenizer.mask_token} exactly once.")
            if item.expected and expected == tokenizer.unk_token_id:
                raise InputError(f"'{item.expected}' must be one token of the vocabulary.")

    @torch.inference_mode()
    def answer(self, model: BertForPreTraining) -> list[dict[str, Any]]:
        """For each sentence ``top``: (word, probability) of the best five; where a word is expected, also its
        ``probability`` and ``rank`` (from 1)."""
        return [self._answer(model, i) for i in range(len(self._ids))]

    def _answer(self, model: BertForPreTraining, index: int) -> dict[str, Any]:
        ids = self._ids[index]
        hidden = model.bert(
            torch.tensor([ids], device=model.device)
        ).last_hidden_state  # (1, seq_len, hidden)
        logits = model.cls.predictions(hidden[0, ids.index(self._tokenizer.mask_token_id)])  # (vocab_size,)
        probabilities = logits.float().softmax(-1)
        best = probabilities.topk(NUM_ANSWERS)
        words = self._tokenizer.convert_ids_to_tokens(best.indices.tolist())
        answer = {"top": [[word, round(p, 4)] for word, p in zip(words, best.values.tolist(), strict=True)]}
        if not self._sentences[index].expected:
            return answer
        expected = probabilities[self._expected[index]]
        rank = int((probabilities > expected).sum()) + 1
        return answer | {"probability": round(float(expected), 6), "rank": rank}


def cloze_history(curve: list[dict[str, Any]], sentences: tuple[Cloze, ...] = SENTENCES) -> dict[str, Any]:
    """What is kept beside the model: the sentences, and the answers at each evaluation of the curve."""
    checkpoints = [
        {"step": line["step"], "tokens": line["tokens"], "answers": line["cloze"]}
        for line in curve
        if "cloze" in line
    ]
    return {"sentences": [asdict(item) for item in sentences], "checkpoints": checkpoints}
