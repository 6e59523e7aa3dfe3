"""The commands `pretrain run`, `measure`, `export`, `relations` and `mix`."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from bert_explorer.errors import BrokenModelError
from bert_explorer.settings import get_settings

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
corpus_files = click.argument(
    "corpus", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
tokenizer_folder = click.option("--start", required=True, type=FOLDER, help="Folder with the tokenizer.")


@click.group()
def pretrain() -> None:
    """Train a BERT on plain text with BERT's two objectives."""


@pretrain.command()
@corpus_files
@click.option(
    "--start",
    required=True,
    type=FOLDER,
    help="Folder of the BERT to begin with.",
)
@click.option(
    "--work",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for checkpoints and the curve; resumed if it holds a state.",
)
@click.option(
    "--steps", default=20_000, show_default=True, help="Batches in all, those of earlier sittings included."
)
@click.option(
    "--decay-steps",
    default=2_000,
    show_default=True,
    help="Of these, the last ones with a falling learning rate.",
)
@click.option("--from-stable", is_flag=True, help="Take up a training that came to its end before its fall.")
@click.option("--head-steps", default=150, show_default=True, help="First steps, with the new heads alone.")
@click.option("--warmup-steps", default=200, show_default=True, help="Steps until the full learning rate.")
@click.option(
    "--learning-rate", default=3e-4, show_default=True, help="Of the encoder; the heads learn twice as fast."
)
@click.option(
    "--precision",
    type=click.Choice(["fp32", "bf16"]),
    default="fp32",
    show_default=True,
    help="bf16 is faster where the processor knows it (AVX-512 BF16, AMX, GPU).",
)
@click.option(
    "--teacher",
    type=FOLDER,
    help="Folder of an encoder of the same shape to stay near to; a step takes a fifth to a half longer.",
)
@click.option(
    "--teacher-weight",
    type=click.FloatRange(0, min_open=True),
    default=5.0,
    show_default=True,
    help="Of its distance beside the loss.",
)
@click.option(
    "--teacher-layers",
    type=click.IntRange(1),
    help="Of the lowest layers, how many stay near to the teacher's; all unless given.",
)
@click.option("--batch-size", default=8, show_default=True, help="Sequences a batch.")
@click.option("--seq-len", default=120, show_default=True, help="Tokens of a sequence at most.")
@click.option("--mask-share", default=0.3, show_default=True, help="Share of the tokens to predict.")
@click.option("--held-out-sequences", default=240, show_default=True, help="Sequences to measure on.")
@click.option("--seed", default=0, show_default=True)
def run(
    corpus: tuple[Path, ...],
    start: Path,
    work: Path,
    steps: int,
    decay_steps: int,
    from_stable: bool,
    head_steps: int,
    warmup_steps: int,
    learning_rate: float,
    precision: str,
    teacher: Path | None,
    teacher_weight: float,
    teacher_layers: int | None,
    held_out_sequences: int,
    seed: int,
    **shape: Any,
) -> None:
    """Train on CORPUS files; stop at any time and give the same command again to go on.

    A file that is named twice is read twice an epoch.

    Example: pretrain run corpus/*.xz --start all-MiniLM-L6-v2 --work ~/pretraining --steps 4000
    """
    import torch

    from bert_explorer.pretraining.export import FINAL_FOLDER, SETUP_FILE, read_curve
    from bert_explorer.pretraining.preparation import build_probe, prepare
    from bert_explorer.pretraining.teacher import load_teacher
    from bert_explorer.pretraining.training import CURVE_FILE, PretrainingLoop, TrainingPlan

    torch.set_flush_denormal(True)
    if get_settings().num_threads:
        torch.set_num_threads(get_settings().num_threads)
    work.mkdir(parents=True, exist_ok=True)
    model, source, held_out, tokenizer = prepare(corpus, start, work, held_out_sequences, seed, shape)
    plan = TrainingPlan(
        steps,
        min(decay_steps, steps),
        head_steps,
        warmup_steps,
        learning_rate=learning_rate,
        head_learning_rate=2 * learning_rate,
        precision=precision,
    )
    setup = {
        "corpus": [p.name for p in corpus],
        "seed": seed,
        "teacher": teacher and teacher.resolve().name,
        "teacher_weight": teacher_weight if teacher else 0.0,
        "teacher_layers": teacher_layers if teacher else None,
    }
    (work / SETUP_FILE).write_text(json.dumps(setup | shape | asdict(plan)), encoding="utf-8")
    loop = PretrainingLoop(
        model,
        source,
        held_out,
        plan,
        work,
        _print_line,
        build_probe(tokenizer),
        load_teacher(teacher, model.bert, teacher_weight, teacher_layers) if teacher else None,
    )
    if loop.resume(from_stable=from_stable):
        click.echo(f"resumed at step {loop.step}", err=True)
    loop.run()
    model.save_pretrained(work / FINAL_FOLDER)
    click.echo(json.dumps(read_curve(work / CURVE_FILE)[-1]))


@pretrain.command()
@click.argument("model", type=FOLDER)
@corpus_files
@click.option("--sequences", type=click.IntRange(1), help="To measure on; all that there are unless given.")
@click.option("--seq-len", default=120, show_default=True, help="Tokens of a sequence at most.")
def measure(model: Path, corpus: tuple[Path, ...], sequences: int | None, seq_len: int) -> None:
    """Measure MODEL on the documents of CORPUS files that no training reads.

    Example: pretrain measure assets/models/explorer-bert corpus/*.xz
    """
    from bert_explorer.pretraining.preparation import measure_folder

    click.echo(json.dumps(asdict(measure_folder(model, corpus, sequences, seq_len))))


@pretrain.command()
@tokenizer_folder
@click.option(
    "--work",
    required=True,
    type=FOLDER,
    help="Folder of a finished `pretrain run`.",
)
@click.option("--output", required=True, type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--before",
    multiple=True,
    type=FOLDER,
    help="Folder of an earlier training that this one went on from; repeatable, the first one first.",
)
def export(start: Path, work: Path, output: Path, before: tuple[Path, ...]) -> None:
    """Write the trained model as fp16 safetensors with its tokenizer, curve and figures.

    Example: pretrain export --start MiniLM --work ~/pretraining --output assets/models/explorer-bert
    """
    from bert_explorer.pretraining.export import FINAL_FOLDER, export_model

    if not (work / FINAL_FOLDER).is_dir():
        raise BrokenModelError(
            f"{work} holds no finished training. Run `pretrain run` to its last step first."
        )
    export_model(start, work, output, before)
    click.echo(f"wrote {output}", err=True)


@pretrain.command()
@click.argument("wordnet", type=FOLDER)
@tokenizer_folder
@click.option("--output", required=True, type=click.Path(dir_okay=False, path_type=Path))
def relations(wordnet: Path, start: Path, output: Path) -> None:
    """Write sentences on capitals and opposites from the database of WORDNET, as a corpus file.

    Example: pretrain relations /usr/share/wordnet --start MiniLM --output corpus/wordnet-relations.txt
    """
    from bert_explorer.pretraining.starting import load_tokenizer
    from bert_explorer.pretraining.word_relations import write_relations

    click.echo(f"wrote {write_relations(wordnet, load_tokenizer(start), output)} sentences", err=True)


@pretrain.command()
@click.argument("trained", type=FOLDER)
@click.argument("encoder", type=FOLDER)
@click.option("--share", type=click.FloatRange(0, 1), required=True, help="Of the encoder's weights.")
@click.option("--output", required=True, type=click.Path(file_okay=False, path_type=Path))
def mix(trained: Path, encoder: Path, share: float, output: Path) -> None:
    """Write the weights between TRAINED and the ENCODER that it began with.

    Example: pretrain mix assets/models/explorer-bert all-MiniLM-L6-v2 --share 0.3 --output mixed
    """
    from bert_explorer.pretraining.mixing import mix as mix_weights

    mix_weights(trained, encoder, share, output)
    click.echo(f"wrote {output}", err=True)


def _print_line(line: dict[str, Any]) -> None:
    speed = line["tokens"] / line["seconds"] if line["seconds"] else 0.0
    parts = [f"step {line['step']}", f"{line['tokens'] / 1e6:.2f} M tokens", f"{speed:.0f} tokens/s"]
    parts += [
        f"{key} {line[key]:.3f}" for key in ("loss", "top1", "top5", "next_sentence_accuracy") if key in line
    ]
    print(", ".join(parts), file=sys.stderr, flush=True)  # noqa: T201  a log line, not a result
