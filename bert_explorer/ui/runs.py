"""Fine-tuning runs as one browser may see them: every look asks for the owner first.

Acts (cancel, resume, share, delete) go to the queue with the owner, and it refuses those of others.
"""

from typing import TYPE_CHECKING

from bert_explorer.errors import ModelNotFoundError, RunNotFoundError

if TYPE_CHECKING:
    from bert_explorer.training.queue import RunQueue
    from bert_explorer.training.run import Run
    from bert_explorer.training.store import RunStore


def get_run_queue() -> "RunQueue":
    """The queue of this process, which takes up at its start what a crash left behind."""
    from bert_explorer.training import queue

    return queue.get_run_queue()


def get_run_store() -> "RunStore":
    return get_run_queue().store


def visible_run(run_id: str, owner: str) -> "Run":
    """A run of this owner's, or one that its owner shares. RunNotFoundError otherwise."""
    return get_run_store().get(run_id, owner)


def own_models(owner: str) -> dict[str, str]:
    """Reference -> name of every finished run of this owner and of those that others share."""
    runs = get_run_store().list(owner, include_shared=True)
    return {run.ref: f"{run.name} ({run.id[:4]})" for run in runs if run.state == "finished"}


def check_may_open(run_id: str, owner: str) -> None:
    """ModelNotFoundError for a model of somebody else's, in the same words as for one that never was."""
    try:
        visible_run(run_id, owner)
    except RunNotFoundError:
        raise ModelNotFoundError(
            f"There is no model 'run:{run_id}' here. Models belong to the browser that trained them; "
            "their owner can share them on the page Fine-tune."
        ) from None
