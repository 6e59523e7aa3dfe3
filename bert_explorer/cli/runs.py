"""The command ``runs`` and its subcommands."""

from pathlib import Path

import click

from bert_explorer.cli.files import file_argument
from bert_explorer.cli.output import format_columns, json_option, write_note, write_result
from bert_explorer.cli.run_insides import film, moved, probe, run_argument
from bert_explorer.training.queue import open_run_queue
from bert_explorer.training.run import CLI_OWNER, Run


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def runs(context: click.Context, as_json: bool) -> None:
    """List the fine-tuning runs started from the command line, or look after one of them.

    Example: runs show 3f2a --json
    """
    if as_json:  # also where --json stands before the subcommand
        context.default_map = {name: {"as_json": True} for name in runs.commands}
    if context.invoked_subcommand is None:
        from bert_explorer.cli.following import describe_run

        found = open_run_queue().store.list(CLI_OWNER)
        result = {"runs": [describe_run(run) for run in found]}
        write_result(result, _print_runs(found), as_json=as_json)


@runs.command()
@run_argument
@json_option
def show(run_id: str, as_json: bool) -> None:
    """Show one run: its state, settings, result and log.

    Example: runs show 3f2a
    """
    queue = open_run_queue()
    run = queue.store.get(run_id, CLI_OWNER)
    log = "\n".join(line.text for line in queue.store.log_lines(run_id))
    _write_run(run, as_json, log)


@runs.command()
@run_argument
@json_option
def cancel(run_id: str, as_json: bool) -> None:
    """Stop a waiting or running run for good.

    Example: runs cancel 3f2a
    """
    _write_run(open_run_queue().cancel(run_id, CLI_OWNER), as_json)


@runs.command()
@run_argument
@json_option
def resume(run_id: str, as_json: bool) -> None:
    """Go on with an interrupted run from its last checkpoint, and wait for its end.

    Example: runs resume 3f2a
    """
    from bert_explorer.cli.following import follow_run

    queue = open_run_queue()
    queue.resume(run_id, CLI_OWNER)
    queue.start(only=run_id)
    _write_run(follow_run(queue, run_id), as_json)


@runs.command()
@run_argument
@json_option
def delete(run_id: str, as_json: bool) -> None:
    """Remove a run with its file, its log and its model.

    Example: runs delete 3f2a
    """
    queue = open_run_queue()
    run = queue.store.get(run_id, CLI_OWNER)
    queue.delete(run_id, CLI_OWNER)
    write_note(f"Run {run_id} is deleted.")
    _write_run(run, as_json)


@runs.command()
@run_argument
@click.option(
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="New or empty folder.",
)
@click.option(
    "--format",
    "kind",
    type=click.Choice(["transformers", "onnx"]),
    default="transformers",
    show_default=True,
    help="onnx: model.onnx for programs without torch, checked to give the same numbers.",
)
@json_option
def export(run_id: str, output: Path, kind: str, as_json: bool) -> None:
    """Copy a finished run's model to DIR, a folder that plain transformers opens, or that holds it as ONNX.

    Example: runs export 3f2a --output spam-model
    """
    from bert_explorer.cli.following import describe_run
    from bert_explorer.training.export import export_folder
    from bert_explorer.training.onnx_export import export_onnx_folder

    run = open_run_queue().store.get(run_id, CLI_OWNER)
    folder = export_onnx_folder(run, output) if kind == "onnx" else export_folder(run, output)
    result = describe_run(run) | {"output": str(folder)}
    write_result(result, f"The model of run {run_id} is in {folder}", as_json=as_json)


@runs.command("import")
@file_argument
@json_option
def import_(file: Path, as_json: bool) -> None:
    """Bring back a model from FILE, a zip file that the app exported.

    Example: runs import bert-explorer-3f2a.zip
    """
    from bert_explorer.training.imports import import_run

    _write_run(import_run(CLI_OWNER, file.name, file.read_bytes(), open_run_queue()), as_json)


@runs.command()
@run_argument
@click.option("--name", help="Another name.")
@click.option("--note", help="A note.")
@click.option("--tag", "tags", multiple=True, help="A tag; again for more. These replace the run's tags.")
@json_option
def edit(run_id: str, name: str | None, note: str | None, tags: tuple[str, ...], as_json: bool) -> None:
    """Name a run anew, note something, or tag it.

    Example: runs edit 3f2a --name "best so far" --tag demo
    """
    queue = open_run_queue()
    queue.annotate(run_id, CLI_OWNER, name=name, note=note, tags=tags or None)
    _write_run(queue.store.get(run_id, CLI_OWNER), as_json)


for command in (film, moved, probe):
    runs.add_command(command)


def _write_run(run: Run, as_json: bool, log: str = "") -> None:
    from bert_explorer.cli.following import describe_run

    headline = (run.metrics or {}).get("headline", "accuracy")
    score = f", held-out {headline.replace('_', ' ')} {run.metrics[headline]:.3f}" if run.metrics else ""
    lines = [f"{run.id}  {run.name}: {run.state} ({run.progress:.0%}){score}", run.error or "", log]
    write_result(describe_run(run), "\n".join(line for line in lines if line), as_json=as_json)


def _print_runs(found: tuple[Run, ...]) -> str:
    if not found:
        return "No runs yet. Start one with: python -m bert_explorer fine-tune FILE"
    rows = [("ID", "STATE", "DONE", "SCORE", "STARTED", "NAME")]
    for run in found:
        headline = (run.metrics or {}).get("headline", "accuracy")
        score = f"{headline.replace('_', ' ')} {run.metrics[headline]:.3f}" if run.metrics else ""
        created = run.created_at.astimezone().strftime("%Y-%m-%d %H:%M")
        rows.append((run.id, str(run.state), f"{run.progress:.0%}", score, created, run.name))
    return format_columns(rows)
