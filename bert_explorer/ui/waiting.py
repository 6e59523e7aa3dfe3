"""What a person reads who waits for the queue."""

from bert_explorer.settings import get_settings
from bert_explorer.training.run import Run
from bert_explorer.ui.durations import format_duration
from bert_explorer.ui.runs import get_run_queue


def describe_waiting(run: Run) -> str:
    """How many trainings and analyses go before this one, and for how long."""
    queue = get_run_queue()
    position = queue.position(run.id)
    if position is None:  # its turn came a moment ago
        return "Starting"
    ahead = position - 1 + len(queue.store.running())
    if ahead < get_settings().max_running_runs:
        return "Starting"
    waiting = "Waiting for one other run" if ahead == 1 else f"Waiting for {ahead} other runs"
    wait_s = queue.expected_wait_s(run.id)
    return f"{waiting}, about {format_duration(wait_s)}" if wait_s else waiting
