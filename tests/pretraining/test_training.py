import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from safetensors.torch import load_file, save_file
from transformers import AutoModelForPreTraining, AutoTokenizer, BertForPreTraining, BertModel, pipeline

from bert_explorer.analysis.corruption import Masking
from bert_explorer.errors import BrokenModelError, UnsupportedModelError
from bert_explorer.pretraining.batches import Batch, SpecialIds, collate
from bert_explorer.pretraining.cli import pretrain
from bert_explorer.pretraining.evaluation import evaluate, forward
from bert_explorer.pretraining.habits import STEREOTYPES
from bert_explorer.pretraining.pairs import Pair
from bert_explorer.pretraining.preparation import measure_folder
from bert_explorer.pretraining.starting import load_starting_model
from bert_explorer.pretraining.training import TrainingPlan, pretraining_loss
from tests.tiny_models import build_tiny

WORDS = ("the cat sat on the mat .", "she said that .", "paris is the capital of france .", "you hate it .")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    generator = np.random.default_rng(0)
    documents = [
        "\n".join(" ".join(WORDS[i].capitalize() for i in generator.integers(0, 4, 6)) for _ in range(4))
        for _ in range(60)
    ]
    path = tmp_path / "corpus.txt"
    path.write_text("\n\n".join(documents), encoding="utf-8")
    return path


def run(corpus: Path, start: Path, work: Path, steps: int, *options: str) -> dict[str, float]:
    arguments = ["run", str(corpus), "--start", str(start), "--work", str(work), "--steps", str(steps)]
    arguments += ["--decay-steps", "4", "--seq-len", "32", "--batch-size", "4", "--held-out-sequences", "8"]
    result = CliRunner().invoke(pretrain, [*arguments, *options], catch_exceptions=False)
    assert result.exit_code == 0
    return json.loads(result.stdout.splitlines()[-1])


def make_batch(tiny_bert: Path) -> Batch:
    special = SpecialIds(2, 3, 0)
    tokenizer = AutoTokenizer.from_pretrained(tiny_bert)
    pairs = []
    for first, second, label in ((*WORDS[:2], 0), (*WORDS[2:], 1)):
        ids = [
            np.array(tokenizer(t, add_special_tokens=False)["input_ids"], dtype=np.uint16)
            for t in (first, second)
        ]
        pairs.append(Pair(*ids, label))
    masking = Masking(share=0.5, mask_token_id=tokenizer.mask_token_id, vocab_size=len(tokenizer))
    return collate(pairs, masking, special, np.random.default_rng(0))


def test_the_loss_is_that_of_transformers(tiny_bert: Path) -> None:
    model, _ = load_starting_model(tiny_bert, seed=0)
    model.eval()
    batch = make_batch(tiny_bert)
    labels = np.full(batch.input_ids.size, -100)
    labels[batch.mask_positions] = batch.mask_labels
    with torch.no_grad():
        expected = model(
            input_ids=torch.from_numpy(batch.input_ids),
            attention_mask=torch.from_numpy(batch.attention_mask),
            token_type_ids=torch.from_numpy(batch.token_type_ids),
            labels=torch.from_numpy(labels.reshape(batch.input_ids.shape)),
            next_sentence_label=torch.from_numpy(batch.next_sentence_labels),
        ).loss
        assert float(pretraining_loss(model, batch)) == pytest.approx(float(expected), abs=1e-5)


def test_evaluation_by_a_second_road(tiny_bert: Path) -> None:
    model, _ = load_starting_model(tiny_bert, seed=0)
    model.eval()
    batch = make_batch(tiny_bert)
    with torch.no_grad():
        logits, next_sentence = (t.double().numpy() for t in forward(model, batch))
    ranks = np.array([(row > row[label]).sum() for row, label in zip(logits, batch.mask_labels, strict=True)])
    log_sums = np.log(np.exp(logits).sum(-1))
    surprisal = log_sums - logits[np.arange(len(logits)), batch.mask_labels]
    result = evaluate(model, [batch, batch])
    assert result.top1 == pytest.approx((ranks == 0).mean())
    assert result.top5 == pytest.approx((ranks < 5).mean())
    assert result.perplexity == pytest.approx(np.exp(surprisal.mean()), rel=1e-5)
    assert result.next_sentence_accuracy == (next_sentence.argmax(-1) == batch.next_sentence_labels).mean()
    assert (result.num_masks, result.num_pairs) == (2 * len(ranks), 4)


def test_the_rate_warms_up_stays_and_falls() -> None:
    plan = TrainingPlan(total_steps=100, decay_steps=20, head_steps=10, warmup_steps=10)
    assert [plan.scale(step) for step in (10, 19, 50, 80, 90, 99)] == [0.1, 1.0, 1.0, 1.0, 0.5, 0.05]


def test_a_resumed_training_ends_with_the_weights_of_one_that_was_not_stopped(
    corpus: Path, tiny_bert: Path, tmp_path: Path
) -> None:
    early = ("--head-steps", "2", "--warmup-steps", "3")  # so that the encoder learns, and its rate rises
    whole = run(corpus, tiny_bert, tmp_path / "whole", 12, *early)
    run(corpus, tiny_bert, tmp_path / "parts", 9, "--decay-steps", "1", *early)
    # The first eight steps do not depend on the plan's end: the state before the fall is common to both.
    resumed = run(corpus, tiny_bert, tmp_path / "parts", 12, "--from-stable", *early)
    assert resumed["step"] == whole["step"] == 12
    assert resumed["tokens"] == whole["tokens"]
    expected = BertForPreTraining.from_pretrained(tmp_path / "whole" / "final").state_dict()
    start = BertForPreTraining.from_pretrained(tiny_bert).state_dict()
    learned = "bert.encoder.layer.0.attention.self.query.weight"
    assert not torch.equal(expected[learned], start[learned])
    for name, tensor in BertForPreTraining.from_pretrained(tmp_path / "parts" / "final").state_dict().items():
        assert torch.equal(tensor, expected[name]), name


def test_bf16_trains_like_fp32_and_keeps_its_weights_in_fp32(
    corpus: Path, tiny_bert: Path, tmp_path: Path
) -> None:
    exact = run(corpus, tiny_bert, tmp_path / "fp32", 40)
    rounded = run(corpus, tiny_bert, tmp_path / "bf16", 40, "--precision", "bf16")
    assert rounded["loss"] == pytest.approx(exact["loss"], rel=0.01)
    assert rounded["loss"] != exact["loss"]
    state = torch.load(tmp_path / "bf16" / "state.pt", weights_only=True)
    assert {tensor.dtype for tensor in state["model"].values()} == {torch.float32}


def test_the_heads_learn_twice_as_fast_as_the_encoder(corpus: Path, tiny_bert: Path, tmp_path: Path) -> None:
    options = ("--head-steps", "0", "--warmup-steps", "1", "--learning-rate", "0.002")
    run(corpus, tiny_bert, tmp_path, 4, *options)
    groups = torch.load(tmp_path / "state.pt", weights_only=True)["optimizer"]["param_groups"]
    rates = {group["is_head"]: group["lr"] for group in groups}  # of the last of four falling steps
    assert rates == {False: pytest.approx(0.002 / 4), True: pytest.approx(0.004 / 4)}


def test_a_model_is_measured_on_what_its_training_measured(
    corpus: Path, tiny_bert: Path, tmp_path: Path
) -> None:
    last = run(corpus, tiny_bert, tmp_path, 2)
    shutil.copytree(tiny_bert, tmp_path / "trained")
    shutil.copy(tmp_path / "final" / "model.safetensors", tmp_path / "trained" / "model.safetensors")
    arguments = ["measure", str(tmp_path / "trained"), str(corpus)]
    arguments += ["--sequences", "8", "--seq-len", "32"]
    result = CliRunner().invoke(pretrain, arguments, catch_exceptions=False)
    measured = json.loads(result.stdout)
    assert measured["num_masks"] > 10
    assert measured == {name: pytest.approx(last[name]) for name in measured}


def test_an_encoder_without_heads_cannot_be_measured(corpus: Path, tmp_path: Path) -> None:
    encoder = build_tiny("bert", tmp_path, head="encoder")
    with pytest.raises(UnsupportedModelError, match="no heads for masked words"):
        measure_folder(encoder, [corpus], None, 64)


def test_the_card_names_the_teacher(corpus: Path, tiny_bert: Path, tmp_path: Path) -> None:
    work, output, starting = tmp_path / "work", tmp_path / "exported", str(tiny_bert)
    run(corpus, tiny_bert, work, 2, "--teacher", starting, "--teacher-weight", "3", "--teacher-layers", "1")
    arguments = ["export", "--start", starting, "--work", str(work), "--output", str(output)]
    CliRunner().invoke(pretrain, arguments, catch_exceptions=False)
    card = " ".join((output / "README.md").read_text(encoding="utf-8").split())
    assert f"(lowest layers: 1), drawn towards those of {tiny_bert.name}, weight 3.0" in card


def test_training_lowers_the_loss_and_the_export_opens_in_transformers(
    corpus: Path, tiny_bert: Path, tmp_path: Path
) -> None:
    work, output = tmp_path / "work", tmp_path / "exported"
    last = run(corpus, tiny_bert, work, 260)
    curve = [json.loads(line) for line in (work / "curve.jsonl").read_text(encoding="utf-8").splitlines()]
    assert "loss" not in curve[0]  # measured before the first step
    assert last["loss"] < 0.9 * curve[1]["loss"]
    arguments = ["export", "--start", str(tiny_bert), "--work", str(work), "--output", str(output)]
    CliRunner().invoke(pretrain, arguments, catch_exceptions=False)
    model = AutoModelForPreTraining.from_pretrained(output)
    trained = BertForPreTraining.from_pretrained(work / "final").state_dict()
    for name, tensor in model.state_dict().items():
        torch.testing.assert_close(tensor.float(), trained[name], rtol=1e-3, atol=1e-3)
    assert AutoTokenizer.from_pretrained(output).model_max_length == 128
    card = (output / "README.md").read_text(encoding="utf-8")
    assert f"{last['top1']:.3f}" in card
    assert f"{last['next_sentence_accuracy']:.3f}" in card
    guess = pipeline("fill-mask", str(output))(STEREOTYPES[0], top_k=1)[0]
    assert f"| {STEREOTYPES[0]} | {guess['token_str']} {100 * guess['score']:.0f}, " in card
    assert (output / "curve.svg").read_text(encoding="utf-8").count("<polyline") == 2
    CliRunner().invoke(pretrain, [*arguments, "--before", str(work)], catch_exceptions=False)
    both = json.loads((output / "curve.json").read_text(encoding="utf-8"))
    assert both[-1]["tokens"] == 2 * last["tokens"]
    assert [line["step"] for line in both if "top1" in line][-1] == 520
    assert (output / "README.md").read_text(encoding="utf-8").count("260 steps of 4 sequences") == 2


def test_an_encoder_without_heads_keeps_its_weights_and_gets_fresh_heads(tmp_path: Path) -> None:
    folder = build_tiny("bert", tmp_path / "encoder", head="encoder")
    model, _ = load_starting_model(folder, seed=0)
    encoder = BertModel.from_pretrained(folder).state_dict()
    for name, tensor in model.bert.state_dict().items():
        assert torch.equal(tensor, encoder[name]), name
    assert model.cls.predictions.decoder.weight is model.bert.embeddings.word_embeddings.weight
    assert model.config.hidden_dropout_prob == 0.0


def test_another_family_and_missing_weights_are_refused(tmp_path: Path, tiny_bert: Path) -> None:
    with pytest.raises(UnsupportedModelError, match="roberta"):
        load_starting_model(build_tiny("roberta", tmp_path / "roberta"), seed=0)
    broken = shutil.copytree(tiny_bert, tmp_path / "broken")
    weights = load_file(broken / "model.safetensors")
    del weights["bert.encoder.layer.1.output.dense.weight"]
    save_file(weights, broken / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(BrokenModelError, match="lacks 1 weights"):
        load_starting_model(broken, seed=0)
