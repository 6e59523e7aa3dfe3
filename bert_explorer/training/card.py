"""The README of a finished model: what it is, how good it is, how to use it anywhere."""

import json
from typing import Any

from bert_explorer.results import ModelInfo
from bert_explorer.training.run import Run

CARD = """---
library_name: transformers
pipeline_tag: text-classification
tags:
- bert-explorer
---

# {name}

A text classifier, fine-tuned with BERT Explorer from `{model}` ({family}, {num_layers} layers).
It chooses one of {num_labels} labels: {labels}.

## How good it is

Measured on {num_held_out} rows that were kept out of training ({num_train} rows were learned from):

| | |
|---|---|
| accuracy | {accuracy:.3f} |
| macro F1 | {macro_f1:.3f} |
| accuracy of always answering the commonest label | {majority_accuracy:.3f} |

| label | precision | recall | F1 | rows |
|---|---|---|---|---|
{per_class}

Texts were read up to {max_length} tokens; {num_truncated} rows were longer, and their ends were not read.
These figures hold for texts like those of the training file, and for no others.

## How to use it

```python
from transformers import pipeline

classify = pipeline("text-classification", "path/to/this/folder")
classify("{example}")
```

## How it was made

```json
{config}
```

The training texts are not part of this folder. The licence of the starting model applies to its weights.
"""
MAX_LISTED_LABELS = 20

TASK_CARD = """---
library_name: transformers
tags:
- bert-explorer
---

# {name}

{what}, fine-tuned with BERT Explorer from `{model}` ({family}, {num_layers} layers).

## How good it is

Measured on {num_held_out} rows that were kept out of training ({num_train} rows were learned from):

| | |
|---|---|
{figures}

Texts were read up to {max_length} tokens; {num_truncated} rows were longer.
These figures hold for texts like those of the training file, and for no others.

## How to use it

```python
{code}
```

## How it was made

```json
{config}
```

The training texts are not part of this folder. The licence of the starting model applies to its weights.
"""
SEQUENCE_CODE = """from transformers import pipeline

model = pipeline("text-classification", "path/to/this/folder", {options})
model("A sentence.")"""
TASK_WORDS = {  # task: what the model is, how to use it
    "multi-label": (
        "A model that gives a text any number of labels",
        SEQUENCE_CODE.format(options='top_k=None, function_to_apply="sigmoid"'),
    ),
    "regression": (
        "A model that gives a number for a text",
        SEQUENCE_CODE.format(options='function_to_apply="none"'),
    ),
    "token-classification": (
        "A model that tags the words of a text",
        """from transformers import pipeline

tag = pipeline("token-classification", "path/to/this/folder", aggregation_strategy="first")
tag("A sentence.")""",
    ),
    "question-answering": (
        "A model that finds the answer to a question in a text",
        """from transformers import AutoModelForQuestionAnswering, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("path/to/this/folder")
model = AutoModelForQuestionAnswering.from_pretrained("path/to/this/folder")
inputs = tokenizer("A question?", "A text.", return_tensors="pt")
outputs = model(**inputs)
first, last = outputs.start_logits.argmax(), outputs.end_logits.argmax()
tokenizer.decode(inputs["input_ids"][0, first : last + 1])""",
    ),
}


def write_card(run: Run, info: ModelInfo, metrics: dict[str, Any]) -> str:
    """Markdown. Labels and names are the user's own words, so they are escaped."""
    labels: list[str] = metrics["labels"]
    listed = ", ".join(_inline(label) for label in labels[:MAX_LISTED_LABELS])
    per_class = "\n".join(
        f"| {_inline(row['label'])} | {row['precision']:.3f} | {row['recall']:.3f} | {row['f1']:.3f} | "
        f"{row['support']} |"
        for row in metrics["per_class"]
    )
    return CARD.format(
        name=_inline(run.name),
        model=info.ref,
        family=info.family,
        num_layers=info.num_layers,
        num_labels=len(labels),
        labels=listed + (", ..." if len(labels) > MAX_LISTED_LABELS else ""),
        per_class=per_class,
        example="A sentence.",
        max_length=min(run.config.max_length, info.max_length),
        config=json.dumps(json.loads(run.config.to_json()), indent=2),
        **{
            name: metrics[name]
            for name in (
                "num_held_out",
                "num_train",
                "num_truncated",
                "accuracy",
                "macro_f1",
                "majority_accuracy",
            )
        },
    )


def write_task_card(run: Run, info: ModelInfo, metrics: dict[str, Any]) -> str:
    """Markdown, for the tasks other than text classification."""
    what, code = TASK_WORDS[run.config.task]
    counts = ("num_held_out", "num_train", "num_truncated", "trainable_weights", "training_s")
    figures = {name: value for name, value in metrics.items() if isinstance(value, float)}
    return TASK_CARD.format(
        name=_inline(run.name),
        what=what,
        model=info.ref,
        family=info.family,
        num_layers=info.num_layers,
        figures="\n".join(
            f"| {name.replace('_', ' ')} | {value:.3f} |"
            for name, value in figures.items()
            if name not in counts
        ),
        max_length=min(run.config.max_length, info.max_length),
        code=code,
        config=json.dumps(json.loads(run.config.to_json()), indent=2),
        **{name: metrics[name] for name in counts[:3]},
    )


def _inline(text: str) -> str:
    """One line without Markdown or HTML of its own."""
    plain = " ".join(text.split())
    for character in "\\`*_{}[]<>|#":
        plain = plain.replace(character, "\\" + character)
    return plain
