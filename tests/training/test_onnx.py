"""A model as ONNX gives the model's own numbers, for texts and lengths that it was not traced with."""

import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from onnxruntime import InferenceSession
from transformers import AutoModelForQuestionAnswering, AutoTokenizer

from bert_explorer.errors import RunError, RunStateError
from bert_explorer.settings import Settings
from bert_explorer.training import onnx_worker
from bert_explorer.training.onnx_export import export_onnx_folder, export_onnx_zip
from bert_explorer.training.queue import RunQueue
from bert_explorer.training.run import RunState
from bert_explorer.training.run_folder import run_folder
from tests.tiny_models import HEADS, build_tiny
from tests.training.conftest import submit

TEXTS = [
    ("who sat ?", "the cat sat on the mat"),
    ("where ?", "in paris , said the doctor to the nurse there"),
]
MULTI_LABEL = {"problem_type": "multi_label_classification"}


def test_answers_as_onnx(idle_queue: RunQueue, settings: Settings, tmp_path: Path) -> None:
    """Two outputs, pairs, dynamic batch and length; made once, and offered as folder and zip.

    Tracing takes a second a layer: the models here have one.
    """
    run = submit(idle_queue)
    model = build_tiny(
        "bert", run_folder(run.id, settings).model, head="question-answering", num_hidden_layers=1
    )
    finished = replace(run, state=RunState.FINISHED)
    folder = export_onnx_folder(finished, tmp_path / "onnx", settings)
    plain = AutoModelForQuestionAnswering.from_pretrained(model)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    session = InferenceSession(str(folder / "model.onnx"))
    for pairs in (TEXTS[:1], TEXTS, TEXTS * 3):
        inputs = tokenizer(pairs, padding=True, return_tensors="pt")
        with torch.no_grad():
            expected = plain(**inputs)
        names = ["start_logits", "end_logits"]
        given = session.run(names, {name: value.numpy() for name, value in inputs.items()})
        for name, values in zip(names, given, strict=True):
            np.testing.assert_allclose(values, expected[name].numpy(), atol=1e-4)
    made_at = run_folder(run.id, settings).path / "model.onnx"
    made_at.write_bytes(b"kept from before")
    with zipfile.ZipFile(export_onnx_zip(finished, settings)) as archive:
        names = {Path(name).name for name in archive.namelist()}
        content = archive.read(f"bert-explorer-{run.id}-onnx/model.onnx")
    assert {"model.onnx", "tokenizer.json", "config.json"} <= names
    assert content == b"kept from before"


@pytest.mark.parametrize(
    ("head", "labels", "options", "shape"),
    [
        ("text-classification", ("name", "number", "question"), MULTI_LABEL, (3,)),
        ("text-classification", ("score",), {"problem_type": "regression"}, (1,)),
        ("token-classification", ("B-PER", "I-PER", "O", "B-LOC"), {}, (None, 4)),
    ],
    ids=["label sets", "numbers", "tags"],
)
@pytest.mark.filterwarnings("ignore")  # of tracing
def test_other_tasks_as_onnx(
    tmp_path: Path, head: str, labels: tuple[str, ...], options: dict[str, str], shape: tuple[int | None, ...]
) -> None:
    """One output, for single texts and pairs of any length, in plain transformers' own numbers."""
    folder = tmp_path / "model"
    model = build_tiny("bert", folder, head=head, labels=labels, num_hidden_layers=1, **options)
    assert onnx_worker.main([str(model), str(tmp_path / "model.onnx")]) == 0
    plain = getattr(transformers, HEADS[head]).from_pretrained(model)
    tokenizer = AutoTokenizer.from_pretrained(model)
    session = InferenceSession(str(tmp_path / "model.onnx"))
    for texts in (TEXTS[:1], TEXTS * 3, [text for _, text in TEXTS]):
        inputs = tokenizer(texts, padding=True, return_tensors="pt")
        with torch.no_grad():
            expected = plain(**inputs).logits.numpy()
        (given,) = session.run(["logits"], {name: value.numpy() for name, value in inputs.items()})
        batch, length = inputs["input_ids"].shape
        assert given.shape == (batch, *(size or length for size in shape))
        np.testing.assert_allclose(given, expected, atol=1e-4)


def test_what_cannot_be_exported_says_why_and_leaves_nothing(
    idle_queue: RunQueue, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(command: list[str], **_: object) -> None:
        Path(command[-1]).write_bytes(b"half")
        raise subprocess.CalledProcessError(1, command, stderr="a warning\nthis layer has no ONNX operator\n")

    monkeypatch.setattr(subprocess, "run", fail)
    run = submit(idle_queue)
    with pytest.raises(RunStateError, match="is queued"):
        export_onnx_zip(run, settings)
    run_folder(run.id, settings).model.mkdir()
    finished = replace(run, state=RunState.FINISHED)
    with pytest.raises(RunError, match="cannot be written as ONNX: this layer has no"):
        export_onnx_zip(finished, settings)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "theirs").touch()
    with pytest.raises(RunError, match="exists already"):
        export_onnx_folder(finished, tmp_path / "full", settings)
    assert not list(run_folder(run.id, settings).path.glob("*onnx*"))


@pytest.mark.parametrize(("difference", "status"), [(2e-4, 1), (float("nan"), 1), (5e-5, 0)])
def test_a_file_with_other_numbers_is_thrown_away(
    tiny_classifier: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, difference: float, status: int
) -> None:
    monkeypatch.setattr(
        onnx_worker, "write_onnx", lambda _model, _tokenizer, target, *_, **__: target.touch()
    )
    monkeypatch.setattr(onnx_worker, "compare", lambda *_: difference)
    target = tmp_path / "model.onnx"
    assert onnx_worker.main([str(tiny_classifier), str(target)]) == status
    assert target.exists() == (status == 0)
