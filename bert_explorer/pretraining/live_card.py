"""The README of a model that a reader has pretrained: what it read, how good it became, what it cannot do."""

from typing import Any

from bert_explorer.training.config import FROM_NOTHING
from bert_explorer.training.run import Run

CARD = """---
library_name: transformers
pipeline_tag: fill-mask
tags:
- bert-explorer
---

# {name}

{what}, trained with BERT Explorer by {objectives} on
{num_words:,} words: {epochs} passes, {num_tokens:,} tokens.

## How good it is

Measured on {num_held_out} passages that were kept out of training ({num_masks} hidden words):

| | before | after |
|---|---|---|
| the hidden word is the first guess | {top1_before:.3f} | {top1:.3f} |
| perplexity | {perplexity_before:,.1f} | {perplexity:,.1f} |

Always answering the commonest word of the text reaches {commonest_word_top1:.3f}.

## How to use it

```python
from transformers import pipeline

fill = pipeline("fill-mask", "path/to/this/folder")
fill("A [MASK].")
```

## What it cannot do

{limits} These figures hold for text like the one it read, and for no other. The text itself is not part of
this folder, but rare words and phrases of it can be coaxed out of the weights.
"""
SMALL = (
    "A very small BERT (2 layers, hidden size 64) with a vocabulary of its own, begun from fresh weights",
    "It has seen a few thousand words, where BERT saw three billion: it knows which words stand beside "
    "which, "
    "and nothing of the world.",
    "the first of BERT's two objectives (masked words)",
)
CONTINUED = (
    "A BERT that went on from `{model}`",
    "Weights that learn one text forget a little of others. The licence of the starting model applies.",
    "BERT's two objectives (masked words and next sentences)",
)


def write_live_card(run: Run, metrics: dict[str, Any]) -> str:
    """Markdown with the figures of ``metrics`` (see live)."""
    what, limits, objectives = SMALL if run.config.model == FROM_NOTHING else CONTINUED
    what = what.format(model=run.config.model)
    return CARD.format(
        name=run.name, what=what, limits=limits, objectives=objectives, epochs=run.config.epochs, **metrics
    )
