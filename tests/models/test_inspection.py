"""Describing a checkpoint from its small files: sizes, limits, heads, classes."""

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import transformers
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bert_explorer.errors import BrokenModelError, ModelError
from bert_explorer.models.inspection import inspect_folder
from bert_explorer.results import Capability, ModelInfo
from tests.tiny_models import FAMILIES, MAX_LENGTH, build_tiny

Copy = Callable[[str], Path]
ALWAYS = {Capability.EMBEDDINGS, Capability.ATTENTIONS}
HEADS_OF = {
    "pretraining": {Capability.MASKED_LM, Capability.NEXT_SENTENCE},
    "next-sentence": {Capability.NEXT_SENTENCE},
    "classifier": {Capability.SEQUENCE_CLASSIFICATION},
    "roberta-classifier": {Capability.SEQUENCE_CLASSIFICATION},
    "modernbert-classifier": {Capability.SEQUENCE_CLASSIFICATION},
    "tagger": {Capability.TOKEN_CLASSIFICATION},
    "reader": {Capability.QUESTION_ANSWERING},
    "encoder": set(),
    "electra-discriminator": set(),
} | {family: {Capability.MASKED_LM} for family in FAMILIES if family != "electra-discriminator"}


def inspect(folder: Path) -> ModelInfo:
    return inspect_folder(folder, "local:x", "x")


def change(path: Path, **keys: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | keys))


@pytest.mark.parametrize("name", HEADS_OF)
def test_heads_are_read_from_config_and_weights(name: str, checkpoints: Path) -> None:
    assert inspect(checkpoints / "models" / name).capabilities == ALWAYS | HEADS_OF[name]


@pytest.mark.parametrize("family", FAMILIES)
def test_sizes_agree_with_transformers(family: str, checkpoints: Path) -> None:
    folder = checkpoints / "models" / family
    info = inspect(folder)
    model = transformers.AutoModel.from_pretrained(folder)
    assert (info.num_layers, info.num_heads, info.hidden_size) == (2, 2, 32)
    assert info.vocab_size == model.get_input_embeddings().num_embeddings
    assert info.max_length == MAX_LENGTH
    assert info.mask_token == transformers.AutoTokenizer.from_pretrained(folder).mask_token


@pytest.mark.parametrize("family", FAMILIES)
def test_a_tokenizer_without_limit_leaves_the_position_table_to_decide(family: str, copy_of: Copy) -> None:
    """RoBERTa and its kin never use the first two of their positions."""
    folder = copy_of(family)
    change(folder / "tokenizer_config.json", model_max_length=1e30)
    assert inspect(folder).max_length == MAX_LENGTH


def test_a_lower_limit_of_the_tokenizer_is_kept(copy_of: Copy) -> None:
    folder = copy_of("bert")
    change(folder / "tokenizer_config.json", model_max_length=16)
    assert inspect(folder).max_length == 16


def test_parameters_are_counted_as_transformers_counts_them(checkpoints: Path) -> None:
    folder = checkpoints / "models" / "classifier"
    model = transformers.AutoModelForSequenceClassification.from_pretrained(folder)
    assert inspect(folder).num_parameters == model.num_parameters()


def test_a_head_without_weights_does_not_count(copy_of: Copy) -> None:
    """transformers would open this as a masked language model with a random head."""
    folder = copy_of("encoder")
    change(folder / "config.json", architectures=["BertForMaskedLM"])
    assert inspect(folder).capabilities == ALWAYS


def test_classes_have_their_names_in_the_order_of_the_logits(copy_of: Copy) -> None:
    folder = copy_of("classifier")
    assert inspect(folder).labels == ("ham", "spam", "other")
    change(folder / "config.json", id2label={"2": "c", "0": "a", "1": "b"}, problem_type="regression")
    assert inspect(folder).labels == ("a", "b", "c")
    assert inspect(folder).problem_type == "regression"


@pytest.mark.parametrize("names", [{"0": "a", "1": "b"}, {"0": "a", "1": "b", "x": "c"}, ["a", "b", "c"], 3])
def test_names_that_do_not_fit_the_class_head_are_refused(names: Any, copy_of: Copy) -> None:
    folder = copy_of("classifier")
    change(folder / "config.json", id2label=names)
    with pytest.raises(BrokenModelError, match="has to name the 3 classes"):
        inspect(folder)


def test_models_without_class_head_have_no_labels(checkpoints: Path) -> None:
    assert inspect(checkpoints / "models" / "bert").labels == ()


@pytest.mark.parametrize("stored", ["<mask>", {"content": "<mask>", "lstrip": True}])
def test_the_mask_token_is_read_as_text_or_object(stored: Any, copy_of: Copy) -> None:
    folder = copy_of("roberta")
    change(folder / "tokenizer_config.json", mask_token=stored)
    assert inspect(folder).mask_token == "<mask>"
    (folder / "tokenizer_config.json").unlink()
    assert inspect(folder).mask_token == "<mask>"


def test_a_vocabulary_that_contradicts_the_weights_is_refused(copy_of: Copy) -> None:
    folder = copy_of("bert")
    change(folder / "config.json", vocab_size=30522)
    with pytest.raises(BrokenModelError, match=r"vocabulary of 30,522 and the weights have \d+ embeddings"):
        inspect(folder)


def test_weights_of_another_family_are_refused(copy_of: Copy) -> None:
    folder = copy_of("bert")
    change(folder / "config.json", model_type="modernbert")
    with pytest.raises(BrokenModelError, match="no word embeddings"):
        inspect(folder)


def test_a_folder_without_tokenizer_is_refused(copy_of: Copy) -> None:
    folder = copy_of("bert")
    (folder / "tokenizer.json").unlink()
    with pytest.raises(BrokenModelError, match="no tokenizer"):
        inspect(folder)


CONFIG_KEYS = """num_hidden_layers num_attention_heads hidden_size vocab_size max_position_embeddings
    num_labels inner_group_num architectures id2label problem_type is_decoder""".split()  # noqa: SIM905
json_values = st.none() | st.booleans() | st.integers(-3, 10**12) | st.floats() | st.text(max_size=5)
json_values |= st.lists(json_values, max_size=2) | st.dictionaries(
    st.text(max_size=3), json_values, max_size=2
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    key=st.sampled_from(CONFIG_KEYS),
    value=json_values,
)
def test_any_value_in_a_config_gives_a_description_or_an_error_of_ours(
    key: str, value: Any, checkpoints: Path, tmp_path: Path
) -> None:
    original = checkpoints / "models" / "classifier"
    for path in original.iterdir():
        if path.name != "config.json" and not (tmp_path / path.name).exists():
            (tmp_path / path.name).symlink_to(path)
    config = json.loads((original / "config.json").read_text()) | {key: value}
    (tmp_path / "config.json").write_text(json.dumps(config))
    with contextlib.suppress(ModelError):
        info = inspect(tmp_path)
        assert info.num_layers > 0
        assert info.max_length > 0


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("announced", [1, 3, 2000, 10**12])
def test_layers_that_the_weights_do_not_hold_are_refused(family: str, announced: int, copy_of: Copy) -> None:
    """ALBERT's layers share their weights: any number up to 1,000 may be meant."""
    folder = copy_of(family)
    key = "n_layers" if family == "distilbert" else "num_hidden_layers"
    change(folder / "config.json", **{key: announced})
    if family == "albert" and announced < 1000:
        assert inspect(folder).num_layers == announced
        return
    message = "the limit is 1,000" if family == "albert" else "the weights hold 2"
    with pytest.raises(BrokenModelError, match=f"announces {announced:,} layers.*{message}"):
        inspect(folder)


@pytest.mark.parametrize(
    ("key", "what"), [("num_hidden_groups", "groups of layers"), ("inner_group_num", "layers in a group")]
)
def test_groups_of_layers_that_the_weights_do_not_hold_are_refused(
    key: str, what: str, copy_of: Copy
) -> None:
    folder = copy_of("albert")
    change(folder / "config.json", **{key: 400})
    with pytest.raises(BrokenModelError, match=f"announces 400 {what} and the weights hold 1"):
        inspect(folder)


@pytest.mark.parametrize("activation", [True, False])
def test_a_pooler_is_required_only_where_the_config_says_so(activation: bool, tmp_path: Path) -> None:
    folder = build_tiny("mobilebert", tmp_path, head="pretraining", classifier_activation=activation)
    assert Capability.NEXT_SENTENCE in inspect(folder).capabilities
    change(folder / "config.json", classifier_activation=True)
    assert (Capability.NEXT_SENTENCE in inspect(folder).capabilities) == activation
