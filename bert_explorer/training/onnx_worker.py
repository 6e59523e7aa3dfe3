"""One model to ONNX, in a process of its own: python -m bert_explorer.training.onnx_worker FOLDER TARGET

torch traces the model for this by patching parts of itself, which must not happen beside other threads. The
file takes any number of texts of any length up to the model's limit, and is kept only if onnxruntime gives
the numbers that torch gives, to 0.0001. Prints the largest difference.
"""

import logging
import os
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from transformers import PreTrainedModel

from bert_explorer.models.inspection import inspect_folder
from bert_explorer.training.apply import READERS
from bert_explorer.training.classifier import load_tokenizer
from bert_explorer.training.task_names import task_of
from bert_explorer.training.worker import LOWER_PRIORITY

CLASSES = "AutoModelForSequenceClassification"
TOLERANCE = 1e-4
# Lengths and numbers of texts that were not there when the model was traced.
CHECKED = (("A short text.",), ("One text.", "Another one that is a good deal longer.", "And a third."))
TRACED = ("Two texts", "of different lengths, traced together.")
OUTPUTS = {"question-answering": ("start_logits", "end_logits")}


def main(arguments: list[str]) -> int:
    """Returns the exit status; what went wrong is the last line on stderr."""
    folder, target = map(Path, arguments)
    info = inspect_folder(folder, "run:export", folder.name)
    task = task_of(info)
    auto_class = READERS[task][0] if task in READERS else getattr(transformers, CLASSES)
    model = auto_class.from_pretrained(
        folder, dtype="float32", use_safetensors=True, local_files_only=True, trust_remote_code=False
    ).eval()
    tokenizer = load_tokenizer(folder, info)
    outputs = OUTPUTS.get(task, ("logits",))
    write_onnx(model, tokenizer, target, outputs, max_length=info.max_length)
    difference = compare(model, tokenizer, target)
    if not difference <= TOLERANCE:
        target.unlink()
        sys.stderr.write(f"the ONNX file gives other numbers than the model (by {difference:.2g})\n")
        return 1
    sys.stdout.write(f"{difference:.3g}\n")
    return 0


def write_onnx(
    model: PreTrainedModel, tokenizer: Any, target: Path, outputs: tuple[str, ...], *, max_length: int
) -> None:
    """Inputs are those of the tokenizer, each (batch, length)."""
    inputs = _tokenize(tokenizer, TRACED)
    batch, length = torch.export.Dim("batch"), torch.export.Dim("length", max=max_length)
    program = torch.onnx.export(
        model,
        (),
        kwargs=inputs,
        input_names=list(inputs),
        output_names=list(outputs),
        dynamic_shapes={name: {0: batch, 1: length} for name in inputs},
        dynamo=True,
        verbose=False,
    )
    assert program is not None
    program.save(str(target))


def compare(model: PreTrainedModel, tokenizer: Any, target: Path) -> float:
    """The largest difference between what onnxruntime and torch give."""
    from onnxruntime import InferenceSession

    session = InferenceSession(str(target), providers=["CPUExecutionProvider"])
    largest = 0.0
    for texts in CHECKED:
        inputs = _tokenize(tokenizer, texts)
        with torch.inference_mode():
            expected = model(**inputs).to_tuple()
        found = session.run(None, {name: value.numpy() for name, value in inputs.items()})
        for ours, theirs in zip(expected, found, strict=True):
            largest = max(largest, float(np.abs(ours.numpy() - theirs).max()))
    return largest


def _tokenize(tokenizer: Any, texts: tuple[str, ...]) -> dict[str, torch.Tensor]:
    encoded: Mapping[str, torch.Tensor] = tokenizer(list(texts), padding=True, return_tensors="pt")
    return dict(encoded)


def _stay_in_the_background() -> None:
    """The last line on stderr is for the user; warnings of tracing are not."""
    os.nice(LOWER_PRIORITY)
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    transformers.logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers.logging.disable_progress_bar()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    _stay_in_the_background()
    sys.exit(main(sys.argv[1:]))
