"""The trained model as a folder that plain transformers opens: fp16 weights, tokenizer, card, curve."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import BertForPreTraining

from bert_explorer.pretraining.card import write_card
from bert_explorer.pretraining.cloze import cloze_history
from bert_explorer.pretraining.curve_picture import draw_curve
from bert_explorer.pretraining.habits import show_habits
from bert_explorer.pretraining.starting import load_tokenizer
from bert_explorer.pretraining.training import CURVE_FILE

SETUP_FILE, FINAL_FOLDER, CLOZE_FILE, PICTURE_FILE = "setup.json", "final", "cloze.json", "curve.svg"
DROPOUT = 0.1  # of the original BERT: what fine-tuning will want
CALL_SETTINGS = (  # of the starting model's pipeline; they do not belong to a tokenizer
    "max_length",
    "stride",
    "truncation_strategy",
    "pad_to_multiple_of",
    "pad_token_type_id",
    "is_local",
    "local_files_only",
)


def export_model(start: Path, work: Path, output: Path, before: Sequence[Path] = ()) -> None:
    """Write ``output`` from the finished training in ``work`` and the tokenizer in ``start``.

    ``before`` are the work folders of earlier trainings that this one went on from, the first one first:
    their curves and settings are told too.
    """
    model = BertForPreTraining.from_pretrained(work / FINAL_FOLDER, dtype=torch.float16)
    model.config.hidden_dropout_prob = model.config.attention_probs_dropout_prob = DROPOUT
    model.save_pretrained(output)
    tokenizer = load_tokenizer(start)
    tokenizer.model_max_length = model.config.max_position_embeddings
    for leftover in CALL_SETTINGS:
        tokenizer.init_kwargs.pop(leftover, None)
    tokenizer.save_pretrained(output)
    folders = [*before, work]
    curve = join_curves([read_curve(folder / CURVE_FILE) for folder in folders])
    (output / "curve.json").write_text(json.dumps([_without_cloze(line) for line in curve]), encoding="utf-8")
    (output / CLOZE_FILE).write_text(json.dumps(cloze_history(curve)), encoding="utf-8")
    picture = draw_curve([line for line in curve if "top1" in line])
    (output / PICTURE_FILE).write_text(picture, encoding="utf-8")
    trainings = [
        (json.loads((folder / SETUP_FILE).read_text(encoding="utf-8")), read_curve(folder / CURVE_FILE)[-1])
        for folder in folders
    ]
    num_parameters = sum(p.numel() for p in model.parameters())
    habits = show_habits(BertForPreTraining.from_pretrained(output, dtype=torch.float32), tokenizer)
    write_card(output / "README.md", trainings, curve, num_parameters, habits)


def read_curve(path: Path) -> list[dict[str, Any]]:
    """One dict a report, in order of steps. After a resume the later of two lines of a step counts."""
    curve: list[dict[str, Any]] = []
    for text in path.read_text(encoding="utf-8").splitlines():
        line = json.loads(text)
        while curve and curve[-1]["step"] >= line["step"]:
            curve.pop()
        curve.append(line)
    return curve


def join_curves(curves: Sequence[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """One after the other: steps, tokens and seconds count on from the end of the one before."""
    joined: list[dict[str, Any]] = []
    for curve in curves:
        end = joined[-1] if joined else {}
        offsets = {name: end.get(name, 0) for name in ("step", "tokens", "seconds")}
        joined += [
            line | {name: round(line[name] + offset, 1) for name, offset in offsets.items()} for line in curve
        ]
    return joined


def _without_cloze(line: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in line.items() if name != "cloze"}
