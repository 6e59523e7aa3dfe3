from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from safetensors.torch import load_file
from transformers import BertModel

from bert_explorer.errors import BrokenModelError, InputError
from bert_explorer.pretraining.cli import pretrain
from bert_explorer.pretraining.evaluation import encode
from bert_explorer.pretraining.mixing import mix
from bert_explorer.pretraining.starting import load_starting_model
from bert_explorer.pretraining.teacher import load_teacher
from bert_explorer.pretraining.training import pretraining_loss
from tests.pretraining.test_training import make_batch
from tests.tiny_models import build_tiny


def test_the_distance_by_a_second_road(tiny_bert: Path, tmp_path: Path) -> None:
    """Each token alone, from plain transformers: those to predict, the first and padding do not count; every
    word of the vocabulary does.
    """
    encoder = build_tiny("bert", tmp_path, head="encoder", seed=3)
    model, _ = load_starting_model(tiny_bert, seed=0)
    model.eval()
    batch = make_batch(tiny_bert)
    student, teacher = model.bert, BertModel.from_pretrained(encoder, attn_implementation="eager").eval()
    clean = batch.input_ids.copy()
    clean.flat[batch.mask_positions] = batch.mask_labels
    per_layer: list[list[tuple[np.ndarray, np.ndarray]]] = [[], []]
    for row in range(len(clean)):
        count = int(batch.attention_mask[row].sum())
        segments = torch.from_numpy(batch.token_type_ids[None, row, :count])
        with torch.no_grad():
            mine, theirs = (
                encoder(
                    input_ids=torch.from_numpy(ids[None, row, :count]),
                    token_type_ids=segments,
                    output_hidden_states=True,
                ).hidden_states
                for encoder, ids in ((student, batch.input_ids), (teacher, clean))
            )
        for token in range(1, count):
            if row * clean.shape[1] + token not in batch.mask_positions:
                for layer in (0, 1):
                    per_layer[layer].append(
                        (mine[layer + 1][0, token].numpy(), theirs[layer + 1][0, token].numpy())
                    )
    expected = []
    for pairs in per_layer:
        ours, goal = (np.stack(side).astype(np.float64) for side in zip(*pairs, strict=True))
        expected.append(((ours - goal) ** 2).mean() / goal.var(ddof=1))
    mine, theirs = (
        bert.embeddings.word_embeddings.weight.detach().numpy().astype(np.float64)
        for bert in (student, teacher)
    )
    words = ((mine - theirs) ** 2).mean() / theirs.var(ddof=1)
    with torch.no_grad():
        states = encode(model, batch, hidden_states=True).hidden_states
        distance = load_teacher(encoder, model.bert, 5.0).loss(student, states, batch)
        total = pretraining_loss(model, batch, load_teacher(encoder, model.bert, 5.0))
        assert float(distance) == pytest.approx(5 * (np.mean(expected) + words), rel=1e-4)
        assert float(total) == pytest.approx(float(pretraining_loss(model, batch) + distance), rel=1e-5)


def test_a_student_that_is_its_teacher_is_at_no_distance(tiny_bert: Path) -> None:
    model, _ = load_starting_model(tiny_bert, seed=0)
    batch = make_batch(tiny_bert)
    clean = batch.input_ids.copy()
    clean.flat[batch.mask_positions] = batch.mask_labels
    with torch.no_grad():
        states = encode(model, replace(batch, input_ids=clean), hidden_states=True).hidden_states
        distance = load_teacher(tiny_bert, model.bert, 1.0).loss(model.bert, states, batch)
        assert float(distance) == pytest.approx(0, abs=1e-8)


def test_layers_above_those_that_are_held_do_not_count(tiny_bert: Path, tmp_path: Path) -> None:
    encoder = build_tiny("bert", tmp_path, head="encoder", seed=3)
    model, _ = load_starting_model(tiny_bert, seed=0)
    batch = make_batch(tiny_bert)
    with torch.no_grad():
        states = encode(model, batch, hidden_states=True).hidden_states
        noisy = (*states[:-1], states[-1] + 1)
        held, all_held = (load_teacher(encoder, model.bert, 5.0, layers) for layers in (1, None))
        assert float(held.loss(model.bert, states, batch)) == float(held.loss(model.bert, noisy, batch))
        assert float(all_held.loss(model.bert, states, batch)) < float(
            all_held.loss(model.bert, noisy, batch)
        )


def test_more_layers_than_there_are_cannot_be_held(tiny_bert: Path) -> None:
    model, _ = load_starting_model(tiny_bert, seed=0)
    with pytest.raises(InputError, match="has 2 layers, 3 cannot be held"):
        load_teacher(tiny_bert, model.bert, 1.0, 3)


def test_a_teacher_of_another_shape_is_refused(tiny_bert: Path, tmp_path: Path) -> None:
    model, _ = load_starting_model(tiny_bert, seed=0)
    other = build_tiny("bert", tmp_path, head="encoder", num_hidden_layers=1)
    with pytest.raises(InputError, match="num_hidden_layers 1, the trained model 2"):
        load_teacher(other, model.bert, 1.0)


def test_mixed_weights_lie_between_and_the_heads_stay(tiny_bert: Path, tmp_path: Path) -> None:
    encoder = build_tiny("bert", tmp_path, head="encoder", seed=3)
    arguments = ["mix", str(tiny_bert), str(encoder), "--share", "0.25", "--output", str(tmp_path / "mixed")]
    assert CliRunner().invoke(pretrain, arguments, catch_exceptions=False).exit_code == 0
    mixed, trained, origin = (
        load_file(folder / "model.safetensors") for folder in (tmp_path / "mixed", tiny_bert, encoder)
    )
    name = "encoder.layer.1.output.dense.weight"
    expected = 0.75 * trained[f"bert.{name}"] + 0.25 * origin[name]
    torch.testing.assert_close(mixed[f"bert.{name}"], expected)
    for head in [name for name in trained if name.startswith(("cls.", "bert.pooler."))]:
        assert torch.equal(mixed[head], trained[head])
    load_starting_model(tmp_path / "mixed", seed=0)


def test_weights_of_another_shape_are_not_mixed(tiny_bert: Path, tmp_path: Path) -> None:
    other = build_tiny("bert", tmp_path, head="encoder", hidden_size=16)
    with pytest.raises(BrokenModelError, match="of the shape"):
        mix(tiny_bert, other, 0.5, tmp_path / "mixed")
