"""A BertForPreTraining to start from: the weights of an encoder, and new heads.

all-MiniLM-L6-v2 is a BERT encoder (6 layers, 12 heads, hidden size 384) that was distilled and then tuned
for sentence embeddings. It has no head for masked words or sentence pairs. Here these heads are added with
fresh weights (the decoder shares the word embeddings, as in BERT); training teaches them.
"""

from pathlib import Path

import torch
from transformers import AutoTokenizer, BertConfig, BertForPreTraining, BertModel, PreTrainedTokenizerFast

from bert_explorer.errors import BrokenModelError


def load_starting_model(folder: Path, *, seed: int) -> tuple[BertForPreTraining, PreTrainedTokenizerFast]:
    """Model (float32, dropout 0 while it trains) and tokenizer (neither pads nor truncates by itself).

    ``folder`` holds a BERT encoder, or a BertForPreTraining to go on with.
    """
    if not (folder / "config.json").is_file():
        raise BrokenModelError(f"{folder} has no config.json. Give the folder of a BERT checkpoint.")
    config = BertConfig.from_pretrained(folder, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    torch.manual_seed(seed)
    if "BertForPreTraining" in (config.architectures or []):
        model = BertForPreTraining.from_pretrained(folder, config=config, dtype=torch.float32)
    else:
        model = BertForPreTraining(config)
        encoder = BertModel.from_pretrained(folder, config=config, dtype=torch.float32)
        model.bert.load_state_dict(encoder.state_dict())
        model.tie_weights()
    return model, load_tokenizer(folder)


def load_tokenizer(folder: Path) -> PreTrainedTokenizerFast:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    if not isinstance(tokenizer, PreTrainedTokenizerFast):
        raise BrokenModelError(f"{folder} has no tokenizer.json. Save it with a fast tokenizer first.")
    tokenizer.backend_tokenizer.no_padding()
    tokenizer.backend_tokenizer.no_truncation()
    return tokenizer
