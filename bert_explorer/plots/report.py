"""A finished run as one HTML file that opens anywhere, without internet: figures, tables, settings.

It holds no text of the training file, so that it can be given away.
"""

import json
from collections.abc import Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go

from bert_explorer.intervals import wilson_interval
from bert_explorer.plots.theme import make_standalone
from bert_explorer.plots.training import MetricPoint, plot_confusion, plot_training
from bert_explorer.training.run import Run

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body {{ font: 16px/1.6 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto;
  padding: 0 1rem; color: #1a1a1a; }}
h1, h2 {{ font-family: Georgia, serif; line-height: 1.2; }}
table {{ border-collapse: collapse; }}
th, td {{ text-align: left; padding: 0.25rem 1rem 0.25rem 0; border-bottom: 1px solid #ddd; }}
pre {{ background: #f6f5f1; padding: 1rem; overflow: auto; }}
</style></head><body>
<h1>{title}</h1>
<p>Fine-tuned from <code>{model}</code> on {filename} (SHA-256 <code>{sha256}</code>), {created}.</p>
<h2>How good it is</h2>
<p>Held-out accuracy <strong>{accuracy:.1%}</strong> on {count:,} texts that were kept out of the training
(95 % interval {lowest:.0%} to {highest:.0%}); macro F1 {macro_f1:.3f}.</p>
{ways}
{confusion}
<h2>Class by class</h2>
{classes}
<h2>How it learned</h2>
{curves}
<h2>Settings</h2>
<pre>{config}</pre>
<h2>Limits</h2>
<p>These figures hold for texts like those of the training file, and for no others. Probabilities of such a
model are not calibrated: 99 % does not mean right in 99 of 100 cases.</p>
</body></html>
"""
WAYS = {
    "words": "Words alone (TF-IDF, logistic regression)",
    "frozen encoder": "The model as it began, linear head",
}


def report_html(
    run: Run, points: Sequence[MetricPoint], baselines: Sequence[tuple[str, float, float]]
) -> str:
    """``baselines`` are (name, accuracy, macro F1) besides the commonest label."""
    metrics: dict[str, Any] = run.metrics or {}
    count = metrics["num_held_out"]
    lowest, highest = wilson_interval(round(metrics["accuracy"] * count), count)
    ways = [("Always the commonest label", f"{metrics['majority_accuracy']:.1%}", "")]
    ways += [(WAYS.get(name, name), f"{accuracy:.1%}", f"{f1:.3f}") for name, accuracy, f1 in baselines]
    ways.append(("This model", f"{metrics['accuracy']:.1%}", f"{metrics['macro_f1']:.3f}"))
    classes = [
        (
            row["label"],
            f"{row['precision']:.1%}",
            f"{row['recall']:.1%}",
            f"{row['f1']:.3f}",
            str(row["support"]),
        )
        for row in metrics.get("per_class", ())
    ]
    return PAGE.format(
        title=escape(run.name),
        model=escape(run.config.model),
        filename=escape(run.filename),
        sha256=escape(str(metrics.get("data_sha256", "not kept"))),
        created=f"{run.created_at:%d %B %Y}",
        accuracy=metrics["accuracy"],
        macro_f1=metrics["macro_f1"],
        count=count,
        lowest=lowest,
        highest=highest,
        ways=_table(("Way", "Accuracy", "Macro F1"), ways),
        classes=_table(("Label", "Precision", "Recall", "F1", "Rows"), classes),
        confusion=_figure(plot_confusion(metrics["confusion_matrix"], run.labels), with_script=True),
        curves=_figure(plot_training(points), with_script=False),
        config=escape(json.dumps(json.loads(run.config.to_json()), indent=2)),
    )


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in header)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _figure(figure: go.Figure, *, with_script: bool) -> str:
    """The first figure of the page brings plotly's script along."""
    return str(
        make_standalone(figure).to_html(
            full_html=False, include_plotlyjs=with_script, config={"displaylogo": False}
        )
    )
