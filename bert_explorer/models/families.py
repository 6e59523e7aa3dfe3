"""What differs between the supported families, as data: names in configs, in weights and in modules.

All knowledge of foreign checkpoint formats lives here, and none of it needs torch. Weight names are
suffix patterns, because the same encoder is stored with its prefix (``bert.encoder...``) or without.
"""

from dataclasses import dataclass

from bert_explorer.results import Capability


@dataclass(frozen=True)
class Family:
    """One family of checkpoints.

    ``masked_lm`` and ``next_sentence`` list weight names (suffixes) that all have to be in the file for
    the head to be real; each name may offer alternatives. ``reserved_positions`` of the position table
    are never given to tokens (RoBERTa counts from padding_idx + 1). ``layers`` is the path from the
    encoder to its layers. Where one layer's weights serve many times over, ``shared_layers`` is the path from
    such a group to its own layers. ``pooler_switch`` is the key of the config that, when false, leaves the
    pooler without weights. ``attention_dropout`` is the path from a layer to the dropout that is applied
    to attention weights; it is empty where transformers' attention interface (and so SDPA) is used. Where it
    is not, ``attention_values`` is the path to the projection that makes the value vectors.
    ``head_outputs`` is the path from a layer to the projection that reads the outputs of all heads side by
    side; without one, heads cannot be switched off. ``queries_apart`` says that a layer has BERT's own
    modules, so that its output can be computed at chosen positions alone. ``final_norm`` is the path from the
    encoder to a norm that follows the last layer.
    """

    layers: str = "encoder.layer"
    shared_layers: str = ""
    masked_lm: tuple[str, ...] = ()
    next_sentence: tuple[str, ...] = ()
    embeddings: str = "embeddings.word_embeddings.weight"
    reserved_positions: int = 0
    mask_token: str = "[MASK]"  # where the tokenizer's own config does not say
    attention_dropout: str = ""
    attention_values: str = ""
    head_outputs: str = "attention.output.dense"
    pooler_switch: str = ""
    queries_apart: bool = False
    final_norm: str = ""


_BERT_MLM = ("cls.predictions.transform.dense.weight",)
POOLER = "pooler.dense.weight"
_BERT_NSP = ("cls.seq_relationship.weight", POOLER)
_ROBERTA = Family(
    masked_lm=("lm_head.dense.weight",), reserved_positions=2, mask_token="<mask>", queries_apart=True
)

FAMILIES: dict[str, Family] = {
    "bert": Family(masked_lm=_BERT_MLM, next_sentence=_BERT_NSP, queries_apart=True),
    "distilbert": Family(
        layers="transformer.layer",
        head_outputs="attention.out_lin",
        masked_lm=("vocab_transform.weight", "vocab_layer_norm.weight", "vocab_projector.bias"),
    ),
    "roberta": _ROBERTA,
    "xlm-roberta": _ROBERTA,
    "camembert": _ROBERTA,
    "electra": Family(
        masked_lm=("generator_predictions.dense.weight", "generator_lm_head.bias"), queries_apart=True
    ),
    "albert": Family(
        layers="encoder.albert_layer_groups",
        shared_layers="albert_layers",
        head_outputs="attention.dense",
        masked_lm=("predictions.dense.weight", "predictions.bias"),
    ),
    "mobilebert": Family(masked_lm=_BERT_MLM, next_sentence=_BERT_NSP, pooler_switch="classifier_activation"),
    "modernbert": Family(
        layers="layers",
        head_outputs="attn.Wo",
        final_norm="final_norm",
        masked_lm=("head.dense.weight", "decoder.bias"),
        embeddings="embeddings.tok_embeddings.weight",
    ),
    "mpnet": Family(
        attention_dropout="attention.attn.dropout",
        attention_values="attention.attn.v",
        head_outputs="attention.attn.o",
        masked_lm=("lm_head.dense.weight",),
        reserved_positions=2,
        mask_token="<mask>",
    ),
    "deberta-v2": Family(
        masked_lm=("cls.predictions.transform.dense.weight|lm_predictions.lm_head.dense.weight",),
        attention_dropout="attention.self.dropout",
        attention_values="attention.self.value_proj",
    ),
}

# Families of which the inside is not recomputed yet (see anatomies.py), and what is different about them.
NOT_YET = {
    "mobilebert": "squeezes each layer through bottlenecks",
}

# architectures[0] ends in one of these for a checkpoint with the head; the weight proves that it is there.
CLASS_HEADS: dict[str, tuple[Capability, tuple[str, ...]]] = {
    "ForSequenceClassification": (
        Capability.SEQUENCE_CLASSIFICATION,
        ("classifier.weight", "classifier.out_proj.weight"),
    ),
    "ForTokenClassification": (Capability.TOKEN_CLASSIFICATION, ("classifier.weight",)),
    "ForQuestionAnswering": (Capability.QUESTION_ANSWERING, ("qa_outputs.weight", "classifier.weight")),
}


def name_in(pattern: str, names: frozenset[str]) -> bool:
    """Whether a weight of this name (or of one of its '|' alternatives) is among ``names``.

    A prefix is allowed, a longer last part is not: 'head.dense.weight' matches 'model.head.dense.weight'
    and not 'lm_head.dense.weight'.
    """
    wanted = pattern.split("|")
    return any(name == item or name.endswith("." + item) for item in wanted for name in names)
