"""Long looks into a run from the command line: measured in the foreground, or read where they are kept."""

from typing import TYPE_CHECKING, Any

import click

from bert_explorer.cli.output import show_progress, write_note
from bert_explorer.settings import get_settings

if TYPE_CHECKING:
    from bert_explorer.run_analyses.questions import RunQuestion

again_option = click.option("--again", is_flag=True, help="Measure anew what is kept with the run already.")


def answer_of_run(run_id: str, question: "RunQuestion", what: str, *, again: bool) -> Any:
    """The kept answer, or a new one that is kept from now on. ``what`` is counted on stderr."""
    from bert_explorer.run_analyses.kept import find_kept, keep_answer
    from bert_explorer.run_analyses.work import measure_now

    settings = get_settings()
    kept = None if again else find_kept(run_id, question, settings)
    if kept is not None and kept.answer is not None:
        write_note(f"Kept with the run since {kept.measured_at:%Y-%m-%d %H:%M} UTC; --again measures anew.")
        return kept.answer
    measured = measure_now(run_id, question, settings, show_progress(what))
    try:
        keep_answer(run_id, question, measured, settings)
    except OSError as error:  # minutes of work must not be lost over it
        write_note(f"The answer could not be kept with the run: {error.strerror}.")
    return measured.answer
