"""Tiny checkpoints of every supported family: real architectures and tokenizers, seeded weights.

Two layers, two heads, hidden size 32, 128 positions. The weights are drawn ten times wider than
usual, so that attention is far from uniform and a swapped axis or a leaking pad token shows.

    build_tiny("roberta", tmp_path)                               # a masked language model
    build_tiny("bert", tmp_path, head="pretraining")              # MLM and NSP heads
    build_tiny("bert", tmp_path, head="text-classification", labels=("ham", "spam"))

They mean nothing: where an answer has to make sense, use the bundled model.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers, trainers
from transformers import PreTrainedModel, PreTrainedTokenizerFast

TEXTS = (
    "the cat sat on the mat and looked at the dog .",
    "the capital of france is paris , and the capital of italy is rome .",
    "she said that he was not at home , but they were playing in the garden .",
    "free prize ! call now to win money , text yes to claim .",
    "this film is good , that one was bad ; i love it and you hate it .",
    "are we going to see a doctor or a nurse in the new hospital ?",
)
BERT_SPECIALS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
ROBERTA_SPECIALS = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
ALBERT_SPECIALS = ("<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]")
MPNET_SPECIALS = ("<s>", "<pad>", "</s>", "[UNK]", "<mask>")
MAX_LENGTH = 128
SIZES = {
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "hidden_size": 32,
    "intermediate_size": 48,
    "max_position_embeddings": MAX_LENGTH,
    "initializer_range": 0.2,
}
HEADS = {
    "encoder": "AutoModel",
    "pretraining": "AutoModelForPreTraining",
    "fill-mask": "AutoModelForMaskedLM",
    "next-sentence": "AutoModelForNextSentencePrediction",
    "text-classification": "AutoModelForSequenceClassification",
    "token-classification": "AutoModelForTokenClassification",
    "question-answering": "AutoModelForQuestionAnswering",
}


def lstrip_mask(token: str) -> AddedToken:
    """As in the published checkpoints: the mask takes the blank before it into its own token."""
    return AddedToken(token, lstrip=True, special=True)


def wordpiece_vocab(specials: Sequence[str] = BERT_SPECIALS) -> dict[str, int]:
    """Special tokens, characters (alone and as ``##`` pieces), two suffixes and the words of TEXTS."""
    characters = [chr(code) for code in range(33, 127)]
    pieces = ["##" + character for character in characters] + ["##ing", "##ed"]
    words = sorted({word for text in TEXTS for word in text.split() if len(word) > 1})
    return {token: i for i, token in enumerate([*specials, *characters, *pieces, *words])}


def unigram_vocab(specials: Sequence[str]) -> list[tuple[str, float]]:
    """Special tokens, single characters (unlikely) and the words of TEXTS (likely)."""
    characters = ["▁", *(chr(code) for code in range(33, 127))]
    words = sorted({"▁" + word for text in TEXTS for word in text.split()} - set(characters))
    scored = [(piece, -10.0) for piece in characters] + [(word, -4.0) for word in words]
    return [(token, 0.0) for token in specials] + scored


def byte_level_bpe(specials: Sequence[str]) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """Vocabulary and merges of a byte-level BPE trained on TEXTS."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=list(specials),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(TEXTS, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    return model["vocab"], [tuple(merge) for merge in model["merges"]]


def _bert_tokenizer() -> PreTrainedTokenizerFast:
    return transformers.BertTokenizer(vocab=wordpiece_vocab())


def _roberta_tokenizer() -> PreTrainedTokenizerFast:
    vocab, merges = byte_level_bpe(ROBERTA_SPECIALS)
    return transformers.RobertaTokenizer(vocab=vocab, merges=merges, mask_token=lstrip_mask("<mask>"))


def _modernbert_tokenizer() -> PreTrainedTokenizerFast:
    """ModernBERT: byte-level BPE whose special tokens look like BERT's."""
    vocab, merges = byte_level_bpe(BERT_SPECIALS)
    names: dict[str, Any] = {"pad_token": "[PAD]", "unk_token": "[UNK]", "mask_token": lstrip_mask("[MASK]")}
    names |= {"cls_token": "[CLS]", "bos_token": "[CLS]", "sep_token": "[SEP]", "eos_token": "[SEP]"}
    return transformers.RobertaTokenizer(vocab=vocab, merges=merges, **names)


@dataclass(frozen=True)
class TinyFamily:
    """How to build one family: its config's model_type, its tokenizer, and what differs from SIZES."""

    model_type: str
    tokenizer: Callable[[], PreTrainedTokenizerFast]
    options: dict[str, Any] = field(default_factory=dict)
    head: str = "fill-mask"


_AFTER_PADDING = {"max_position_embeddings": MAX_LENGTH + 2, "type_vocab_size": 1}
_ROBERTA_IDS = {"bos_token_id": 0, "pad_token_id": 1, "eos_token_id": 2}
_MODERN_IDS = {"pad_token_id": 0, "cls_token_id": 2, "bos_token_id": 2, "sep_token_id": 3, "eos_token_id": 3}
_MOBILE = {"embedding_size": 16, "intra_bottleneck_size": 16, "num_feedforward_networks": 2}
_DEBERTA = {
    "relative_attention": True,
    "pos_att_type": "p2c|c2p",
    "position_biased_input": False,
    "position_buckets": 16,
    "share_att_key": True,
    "norm_rel_ebd": "layer_norm",
}
FAMILIES: dict[str, TinyFamily] = {
    "bert": TinyFamily("bert", _bert_tokenizer),
    "distilbert": TinyFamily(
        "distilbert", lambda: transformers.DistilBertTokenizer(vocab=wordpiece_vocab()), {"hidden_dim": 48}
    ),
    "roberta": TinyFamily("roberta", _roberta_tokenizer, _AFTER_PADDING | _ROBERTA_IDS),
    "xlm-roberta": TinyFamily(
        "xlm-roberta",
        lambda: transformers.XLMRobertaTokenizer(
            vocab=unigram_vocab(ROBERTA_SPECIALS), mask_token=lstrip_mask("<mask>")
        ),
        _AFTER_PADDING | _ROBERTA_IDS,
    ),
    "camembert": TinyFamily(
        "camembert",
        lambda: transformers.CamembertTokenizer(vocab=unigram_vocab(ROBERTA_SPECIALS)),
        _AFTER_PADDING | _ROBERTA_IDS,
    ),
    "electra": TinyFamily("electra", _bert_tokenizer, {"embedding_size": 16}),
    "electra-discriminator": TinyFamily("electra", _bert_tokenizer, {"embedding_size": 16}, "pretraining"),
    "albert": TinyFamily(
        "albert",
        lambda: transformers.AlbertTokenizer(vocab=unigram_vocab(ALBERT_SPECIALS)),
        {"embedding_size": 16},
    ),
    "mobilebert": TinyFamily("mobilebert", _bert_tokenizer, _MOBILE),
    "modernbert": TinyFamily("modernbert", _modernbert_tokenizer, {"local_attention": 8} | _MODERN_IDS),
    "mpnet": TinyFamily(
        "mpnet",
        lambda: transformers.MPNetTokenizer(vocab=wordpiece_vocab(MPNET_SPECIALS)),
        {"max_position_embeddings": MAX_LENGTH + 2} | _ROBERTA_IDS,
    ),
    "deberta-v2": TinyFamily(
        "deberta-v2",
        lambda: transformers.DebertaV2Tokenizer(vocab=unigram_vocab(BERT_SPECIALS)),
        _DEBERTA,
    ),
}


def build_tiny(
    family: str,
    folder: Path,
    *,
    head: str | None = None,
    labels: Sequence[str] = ("negative", "positive"),
    seed: int = 0,
    **options: Any,
) -> Path:
    """Write a tiny checkpoint of a family with one of HEADS into ``folder``, and return ``folder``.

    ``options`` go to the config and win over the family's own.
    """
    recipe = FAMILIES[family]
    tokenizer = recipe.tokenizer()
    tokenizer.model_max_length = MAX_LENGTH
    names = dict(enumerate(labels))
    values = SIZES | {"vocab_size": len(tokenizer), "id2label": names} | recipe.options | options
    values["label2id"] = {name: i for i, name in names.items()}
    config = transformers.AutoConfig.for_model(recipe.model_type, **values)
    build_model(config, HEADS[head or recipe.head], seed).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def build_model(config: transformers.PreTrainedConfig, auto_class: str, seed: int = 0) -> PreTrainedModel:
    """A model with seeded random weights, biases and norms included; torch's own state is untouched."""
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        model = getattr(transformers, auto_class).from_config(config)
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):
                parameter.normal_(std=0.2)
            elif parameter.dim() == 1:
                parameter.add_(0.2 * torch.randn_like(parameter))
    return model.eval()
