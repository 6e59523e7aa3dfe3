"""A very small BERT with fresh weights, and a WordPiece vocabulary learned from the text it will read.

BERT's own vocabulary would be most of such a model, and would be foreign to other scripts; a vocabulary of
the text's own is as much part of pretraining as the weights are (Devlin et al. 2019, section 3).
"""

from collections.abc import Iterable

import torch
import transformers
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import BertConfig, BertForPreTraining, PreTrainedTokenizerFast

NUM_LAYERS, NUM_HEADS, HIDDEN_SIZE, INTERMEDIATE_SIZE = 2, 4, 64, 256
MAX_LENGTH = 128  # tokens
INITIAL_SCALE = 0.05  # standard deviation; 0.02 is made for 768 dimensions
MAX_VOCABULARY = 4_000
MIN_FREQUENCY = 2
SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def build_small_bert(
    sentences: Iterable[str], *, seed: int
) -> tuple[BertForPreTraining, PreTrainedTokenizerFast]:
    """Model (random weights, no dropout: it sees little text) and tokenizer, lower case."""
    tokenizer = learn_tokenizer(sentences)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=HIDDEN_SIZE,
        num_hidden_layers=NUM_LAYERS,
        num_attention_heads=NUM_HEADS,
        intermediate_size=INTERMEDIATE_SIZE,
        max_position_embeddings=MAX_LENGTH,
        initializer_range=INITIAL_SCALE,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    torch.manual_seed(seed)
    return BertForPreTraining(config), tokenizer


def learn_tokenizer(sentences: Iterable[str]) -> PreTrainedTokenizerFast:
    """BERT's tokenizer over the pieces that are frequent in these sentences; the special tokens come "
    "first."""
    backend = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    backend.normalizer = normalizers.BertNormalizer(lowercase=True)
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=MAX_VOCABULARY,
        min_frequency=MIN_FREQUENCY,
        special_tokens=list(SPECIAL_TOKENS),
        show_progress=False,
    )
    backend.train_from_iterator(sentences, trainer)
    tokenizer = transformers.BertTokenizer(vocab=backend.get_vocab())
    assert isinstance(tokenizer, PreTrainedTokenizerFast)
    tokenizer.model_max_length = MAX_LENGTH
    return tokenizer
