"""Where the modules of each family live, by names that are the same for all families.

A path is from the part's own root (the encoder, one of its layers, or the network with its head); one that
begins with "/" is from the encoder, one that ends in "?" may be missing, and of several with "|" between them
the first that is there is meant.

    embeddings   word, position, segment, norm, project, relative, relative_norm
    layer        query, key, value (or qkv), attention_output, attention_norm, up, down, output_norm,
                 relative_bias, final_norm (of the last layer), relative, relative_norm, relative_key,
                 relative_query
    words        dense, norm, decoder; decoder_bias where the decoder is the table of words itself
"""

from dataclasses import dataclass, field

_EMBEDDINGS = {
    "word": "embeddings.word_embeddings",
    "position": "embeddings.position_embeddings",
    "segment": "embeddings.token_type_embeddings",
    "norm": "embeddings.LayerNorm",
}
_LAYER = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "attention_output": "attention.output.dense",
    "attention_norm": "attention.output.LayerNorm",
    "up": "intermediate.dense",
    "down": "output.dense",
    "output_norm": "output.LayerNorm",
}
_BERT_WORDS = {
    "dense": "cls.predictions.transform.dense",
    "norm": "cls.predictions.transform.LayerNorm",
    "decoder": "cls.predictions.decoder",
}
_ROBERTA_WORDS = {"dense": "lm_head.dense", "norm": "lm_head.layer_norm", "decoder": "lm_head.decoder"}


@dataclass(frozen=True)
class Anatomy:
    """Module paths of one family, and the keys of its config that name the functions between them.

    ``head_activation`` is a key of the config, or the function itself where the family fixes it ("=gelu").
    ``reads_tables`` says that query and key are made of a table of distances too, after those of the tokens.
    """

    embeddings: dict[str, str] = field(default_factory=lambda: _EMBEDDINGS)
    layer: dict[str, str] = field(default_factory=lambda: _LAYER)
    words: dict[str, str] = field(default_factory=lambda: _BERT_WORDS)
    activation: str = "hidden_act"
    head_activation: str = "hidden_act"
    reads_tables: bool = False


_DISTANCES = {"relative": "/encoder.rel_embeddings", "relative_norm": "/encoder.LayerNorm?"}
_DEBERTA_HEAD = "lm_predictions.lm_head"
_ROBERTA = Anatomy(words=_ROBERTA_WORDS, head_activation="=gelu")

ANATOMIES: dict[str, Anatomy] = {
    "bert": Anatomy(),
    "distilbert": Anatomy(
        embeddings={name: path for name, path in _EMBEDDINGS.items() if name != "segment"},
        layer={
            "query": "attention.q_lin",
            "key": "attention.k_lin",
            "value": "attention.v_lin",
            "attention_output": "attention.out_lin",
            "attention_norm": "sa_layer_norm",
            "up": "ffn.lin1",
            "down": "ffn.lin2",
            "output_norm": "output_layer_norm",
        },
        words={"dense": "vocab_transform", "norm": "vocab_layer_norm", "decoder": "vocab_projector"},
        activation="activation",
        head_activation="activation",
    ),
    "roberta": _ROBERTA,
    "xlm-roberta": _ROBERTA,
    "camembert": _ROBERTA,
    "electra": Anatomy(
        embeddings=_EMBEDDINGS | {"project": "embeddings_project?"},
        words={
            "dense": "generator_predictions.dense",
            "norm": "generator_predictions.LayerNorm",
            "decoder": "generator_lm_head",
        },
        head_activation="=gelu",
    ),
    "albert": Anatomy(
        embeddings=_EMBEDDINGS | {"project": "encoder.embedding_hidden_mapping_in"},
        layer={
            "query": "attention.query",
            "key": "attention.key",
            "value": "attention.value",
            "attention_output": "attention.dense",
            "attention_norm": "attention.LayerNorm",
            "up": "ffn",
            "down": "ffn_output",
            "output_norm": "full_layer_layer_norm",
        },
        words={
            "dense": "predictions.dense",
            "norm": "predictions.LayerNorm",
            "decoder": "predictions.decoder",
        },
    ),
    "mpnet": Anatomy(
        embeddings={name: path for name, path in _EMBEDDINGS.items() if name != "segment"},
        layer=_LAYER
        | {
            "query": "attention.attn.q",
            "key": "attention.attn.k",
            "value": "attention.attn.v",
            "attention_output": "attention.attn.o",
            "attention_norm": "attention.LayerNorm",
            "relative_bias": "/encoder.relative_attention_bias",
        },
        words=_ROBERTA_WORDS,
        head_activation="=gelu",
    ),
    "modernbert": Anatomy(
        embeddings={"word": "embeddings.tok_embeddings", "norm": "embeddings.norm"},
        layer={
            "attention_norm": "attn_norm",
            "qkv": "attn.Wqkv",
            "attention_output": "attn.Wo",
            "output_norm": "mlp_norm",
            "up": "mlp.Wi",
            "down": "mlp.Wo",
            "final_norm": "/final_norm",
        },
        words={"dense": "head.dense", "norm": "head.norm", "decoder": "decoder"},
        activation="hidden_activation",
        head_activation="classifier_activation",
    ),
    "deberta-v2": Anatomy(
        embeddings={"word": _EMBEDDINGS["word"], "norm": _EMBEDDINGS["norm"]} | _DISTANCES,
        layer=_LAYER
        | {
            "query": "attention.self.query_proj",
            "key": "attention.self.key_proj",
            "value": "attention.self.value_proj",
            "relative_key": "attention.self.pos_key_proj?",
            "relative_query": "attention.self.pos_query_proj?",
        }
        | _DISTANCES,
        words={
            "dense": f"cls.predictions.transform.dense|{_DEBERTA_HEAD}.dense",
            "norm": f"cls.predictions.transform.LayerNorm|{_DEBERTA_HEAD}.LayerNorm",
            "decoder": "cls.predictions.decoder|deberta.embeddings.word_embeddings",
            "decoder_bias": f"{_DEBERTA_HEAD}?",
        },
        reads_tables=True,
    ),
}
