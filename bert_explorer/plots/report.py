"""A finished run as one HTML file that opens anywhere, without internet: figures, tables, settings.

It holds no text of the training file, so that it can be given away.
"""

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go

from bert_explorer.intervals import wilson_interval
from bert_explorer.plots.table_page import html_table
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
{quality}
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
    """Of a run with classes. ``baselines`` are (name, accuracy, macro F1) besides the commonest label."""
    metrics: dict[str, Any] = run.metrics or {}
    count = metrics["num_held_out"]
    lowest, highest = wilson_interval(round(metrics["accuracy"] * count), count)
    ways = [("Always the commonest label", f"{metrics['majority_accuracy']:.1%}", "")]
    ways += [(WAYS.get(name, name), f"{accuracy:.1%}", f"{f1:.3f}") for name, accuracy, f1 in baselines]
    ways.append(("This model", f"{metrics['accuracy']:.1%}", f"{metrics['macro_f1']:.3f}"))
    quality = [
        f"<p>Held-out accuracy <strong>{metrics['accuracy']:.1%}</strong> on {count:,} texts that were kept "
        f"out of the training (95 % interval {lowest:.0%} to {highest:.0%}); macro F1 "
        f"{metrics['macro_f1']:.3f}.</p>",
        html_table(("Way", "Accuracy", "Macro F1"), ways),
        _figure(plot_confusion(metrics["confusion_matrix"], run.labels), with_script=True),
        _label_table("Class by class", metrics),
    ]
    return _page(run, quality, _figure(plot_training(points), with_script=False))


def task_report_html(
    run: Run,
    points: Sequence[MetricPoint],
    picture: go.Figure | None,
    figures: Mapping[str, str],
    ways: Mapping[str, str],
) -> str:
    """Of a run of another task. ``figures`` names its metrics, ``ways`` its baselines, both for people."""
    metrics: dict[str, Any] = run.metrics or {}
    shown = [name for name in figures if name in metrics]
    bounds = metrics.get("intervals", {})
    scores = [
        (figures[name], f"{metrics[name]:.3f}", " to ".join(f"{bound:.2f}" for bound in bounds.get(name, ())))
        for name in shown
    ]
    beside = [
        (ways.get(item["name"], item["name"]), *(_score(item["scores"], name) for name in shown))
        for item in [*metrics.get("baselines", ()), {"name": "model", "scores": metrics}]
    ]
    quality = [
        f"<p>Measured on {metrics['num_held_out']:,} examples that were kept out of the training.</p>",
        html_table(("Measure", "Value", "95 % interval"), scores),
        "<h2>Beside simpler ways</h2>" if len(beside) > 1 else "",
        html_table(("Way", *(figures[name] for name in shown)), beside) if len(beside) > 1 else "",
        _figure(picture, with_script=True) if picture is not None else "",
        _label_table("Label by label", metrics),
    ]
    curves = plot_training(points, score=metrics["headline"])
    return _page(run, quality, _figure(curves, with_script=picture is None))


def _score(scores: Mapping[str, float], name: str) -> str:
    return f"{scores[name]:.3f}" if name in scores else ""


def _page(run: Run, quality: Sequence[str], curves: str) -> str:
    return PAGE.format(
        title=escape(run.name),
        model=escape(run.config.model),
        filename=escape(run.filename),
        sha256=escape(str((run.metrics or {}).get("data_sha256", "not kept"))),
        created=f"{run.created_at:%d %B %Y}",
        quality="\n".join(quality),
        curves=curves,
        config=escape(json.dumps(json.loads(run.config.to_json()), indent=2)),
    )


def _label_table(title: str, metrics: Mapping[str, Any]) -> str:
    """Precision, recall and F1 of each label, where they were measured."""
    rows = [
        (
            row["label"],
            f"{row['precision']:.1%}",
            f"{row['recall']:.1%}",
            f"{row['f1']:.3f}",
            str(row["support"]),
        )
        for row in metrics.get("per_class", ())
    ]
    header = ("Label", "Precision", "Recall", "F1", "Held out")
    return f"<h2>{title}</h2>{html_table(header, rows)}" if rows else ""


def _figure(figure: go.Figure, *, with_script: bool) -> str:
    """The first figure of the page brings plotly's script along."""
    return str(
        make_standalone(figure).to_html(
            full_html=False, include_plotlyjs=with_script, config={"displaylogo": False}
        )
    )
