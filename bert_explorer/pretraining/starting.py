"""A BertForPreTraining to start from: the weights of an encoder, and new heads.

all-MiniLM-L6-v2 is a BERT encoder (6 layers, 12 heads, hidden size 384) that was distilled and then tuned
for sentence embeddings. It has no head for masked words or sentence pairs. Here these heads are added with
fresh weights (the decoder shares the word embeddings, as in BERT); training teaches them.
"""

from pathlib import Path
from typing import Any

import torch
from transformers import AutoTokenizer, BertConfig, BertForPreTraining, PreTrainedTokenizerFast

from bert_explorer.errors import BrokenModelError, UnsupportedModelError
from bert_explorer.models.inspection import inspect_folder

NEW_PARTS = ("cls.", "bert.pooler.")  # what an encoder may lack: they begin with fresh weights


def load_starting_model(folder: Path, *, seed: int) -> tuple[BertForPreTraining, PreTrainedTokenizerFast]:
    """Model (float32, dropout 0 while it trains) and tokenizer (neither pads nor truncates by itself).

    ``folder`` holds a BERT encoder, or a BertForPreTraining to go on with.
    """
    info = inspect_folder(folder, "start", folder.name)
    if info.family != "bert":
        raise UnsupportedModelError(
            f"{folder} holds a model of type {info.family}. Only BERT can be trained on."
        )
    config = BertConfig.from_pretrained(folder, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    torch.manual_seed(seed)
    loaded: Any = BertForPreTraining.from_pretrained(  # a pair, where the loading info is asked for
        folder,
        config=config,
        dtype=torch.float32,
        attn_implementation="eager",  # a step takes two thirds of the time of fused attention in bf16
        use_safetensors=True,
        output_loading_info=True,
    )
    model, report = loaded
    missing = [name for name in report["missing_keys"] if not name.startswith(NEW_PARTS)]
    if missing:
        raise BrokenModelError(
            f"{folder} lacks {len(missing)} weights, the first is '{missing[0]}'. Copy it again."
        )
    return model, load_tokenizer(folder)


def load_tokenizer(folder: Path) -> PreTrainedTokenizerFast:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    if not isinstance(tokenizer, PreTrainedTokenizerFast):
        raise BrokenModelError(f"{folder} has no tokenizer.json. Save it with a fast tokenizer first.")
    tokenizer.backend_tokenizer.no_padding()
    tokenizer.backend_tokenizer.no_truncation()
    return tokenizer
