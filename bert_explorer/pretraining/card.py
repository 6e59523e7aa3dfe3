"""The model card of the bundled model: the figures of its training come from the training's own records."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HEADER = """---
license: apache-2.0
language: en
library_name: transformers
pipeline_tag: fill-mask
base_model: sentence-transformers/all-MiniLM-L6-v2
---
"""

DATA = """## Data

Some ten million WordPiece tokens of English. Paragraphs that occur twice are read once.

| source | licence |
|---|---|
| OpenStax college textbooks, text paragraphs (Rice University) | recorded as CC BY 4.0, see below |
| Standard Ebooks: 21 novels and diaries | public domain in the US, editions CC0 |
| CIA World Factbook, prose | public domain |
| WordNet 3.0 glosses and examples (Princeton University) | WordNet licence |
| Tatoeba, English sentences (tatoeba.org) | CC BY 2.0 FR |

The corpus was collected at revisions recorded as CC BY 4.0. The front matter of some of the textbooks,
as collected, names CC BY-NC-SA 4.0 instead. The model holds weights, not the texts; who needs certainty
for a commercial product should train again without these books (`pretrain run` takes any corpus files).

Five per cent of the documents, chosen by a hash of their text, were never trained on; all figures are
measured on them.
"""

LIMITS = """## What it cannot do

- It is small (6 layers, hidden size 384) and was trained on a few million tokens, not on billions: it knows
  frequent words and much grammar, and few facts. A wrong answer about the world is normal.
- English only, lower case only.
- It repeats the habits of its texts: textbooks, nineteenth-century novels, dictionary definitions. Their
  stereotypes are among them. Do not use it to judge people.
- Next-sentence prediction learns topic more than coherence (see the RoBERTa paper, Liu et al. 2019).
"""


def write_card(
    path: Path,
    trainings: Sequence[tuple[dict[str, Any], dict[str, Any]]],
    curve: list[dict[str, Any]],
    num_parameters: int,
    habits: str,
) -> None:
    """``trainings`` are the settings and the last line of each; ``curve`` is that of all of them; ``habits``
    is Markdown with the model's answers that show its limits.

    The last line of the curve with held-out figures is the final one.
    """
    measured = [line for line in curve if "top1" in line]
    recipes = "\n".join(_recipe(setup, last) for setup, last in trainings)
    parts = [
        HEADER,
        _summary(num_parameters),
        DATA,
        "## Training\n",
        recipes,
        _figures(measured),
        LIMITS,
        habits,
    ]
    path.write_text("\n".join(parts), encoding="utf-8")


def _summary(num_parameters: int) -> str:
    return f"""# Explorer BERT

The BERT that BERT Explorer carries: 6 layers, 12 heads, hidden size 384, {num_parameters / 1e6:.1f} M
parameters, uncased WordPiece vocabulary. It began from the weights of all-MiniLM-L6-v2 (Apache-2.0), an
encoder without a head for words, and was trained on with BERT's own two objectives: masked words and next
sentences.

    from transformers import AutoModelForPreTraining
    model = AutoModelForPreTraining.from_pretrained("assets/models/explorer-bert")
"""


def _recipe(setup: dict[str, Any], last: dict[str, Any]) -> str:
    heads, warmup, decay = setup["head_steps"], setup["warmup_steps"], setup["decay_steps"]
    alone = (
        f"{heads} steps with the new heads alone (rate {setup['head_only_learning_rate']}), then everything:"
    )
    rates = (
        f"encoder {setup['learning_rate']}, heads {setup['head_learning_rate']}, {warmup} steps to warm up"
    )
    return f"""{last["step"]:,} steps of {setup["batch_size"]} sequences of up to {setup["seq_len"]} tokens:
{last["tokens"] / 1e6:.2f} M tokens, {last["seconds"] / 3600:.1f} hours on two CPU cores, {setup["precision"]}

- read: {_sources(setup["corpus"])}
- {setup["mask_share"]:.0%} of the tokens predicted; of these 80 % [MASK], 10 % random, 10 % unchanged
- half of the pairs are true neighbours; the loss is the sum of the two objectives{_teacher(setup)}
- {alone if heads else "everything at once:"}
  {rates},
  level, and a linear fall to zero over the last {decay:,} steps
- AdamW, betas 0.9 and 0.98, weight decay {setup["weight_decay"]}, gradients clipped at norm
  {setup["clip_norm"]}, no dropout
"""


def _teacher(setup: dict[str, Any]) -> str:
    if not setup.get("teacher"):
        return ""
    layers = f" (lowest layers: {setup['teacher_layers']})" if setup.get("teacher_layers") else ""
    return (
        f"\n- the words' vectors, and the hidden states of unmasked words{layers}, drawn towards\n"
        f"  those of {setup['teacher']}, weight {setup['teacher_weight']}; the loss of the curve\n"
        "  holds this distance too"
    )


def _sources(corpus: list[str]) -> str:
    names = Counter(name.split(".")[0] for name in corpus)
    return ", ".join(name if times == 1 else f"{name} ({times} times)" for name, times in names.items())


def _figures(measured: list[dict[str, Any]]) -> str:
    chosen = measured[:: max(1, len(measured) // 12)]
    if measured[-1] not in chosen:
        chosen.append(measured[-1])
    rows = [
        f"| {line['tokens'] / 1e6:.2f} | {line['top1']:.3f} | {line['top5']:.3f} | {line['perplexity']:.1f} "
        f"| {line['next_sentence_accuracy']:.3f} |"
        for line in chosen
    ]
    last = measured[-1]
    head = f"""## Measured on held-out text

15 % of the tokens replaced by [MASK] ({last["num_masks"]:,} masks), {last["num_pairs"]} sentence pairs.

![Held-out accuracy against the tokens read](curve.svg)

| M tokens | top-1 | top-5 | perplexity | next sentence |
|---|---|---|---|---|
"""
    return head + "\n".join(rows) + "\n"
