"""What went wrong in a worker, in words for the person who started the run."""

import errno

from bert_explorer.errors import BertExplorerError

OUT_OF_MEMORY_WORDS = ("out of memory", "can't allocate memory", "cannot allocate memory", "bad allocation")
DISK_FULL_WORDS = ("no space left on device", "disk quota exceeded", "file write failed", "disk is full")


def explain_failure(error: BaseException, *, of_analysis: bool = False) -> str:
    """One or two sentences: what happened, and what to do. The traceback is in the run's worker.log."""
    if isinstance(error, BertExplorerError):
        return str(error)
    words = " ".join(str(cause) for cause in _chain(error)).lower()
    if _is_out_of_memory(error) or any(word in words for word in OUT_OF_MEMORY_WORDS):
        if of_analysis:
            return "The computer ran out of memory. Close other programs, or take fewer texts, and try again."
        return (
            "The computer ran out of memory. Choose a smaller batch, a smaller maximum length or a smaller "
            "model, or freeze layers, and start a new run."
        )
    if _is_disk_full(error) or any(word in words for word in DISK_FULL_WORDS):
        again = "measure again" if of_analysis else "start a new run"
        return f"The disk is full. Delete old runs or free some space, and {again}."
    said = f"an error that nobody foresaw ({type(error).__name__}: {_first_line(error)})"
    if of_analysis:
        return f"The measurement stopped with {said}. Its worker.log, in the folder of runs, tells more."
    return f"Training stopped with {said}. The file worker.log in the run's folder tells more."


def _is_out_of_memory(error: BaseException) -> bool:
    return any(
        isinstance(cause, MemoryError) or getattr(cause, "errno", None) == errno.ENOMEM
        for cause in _chain(error)
    )


def _is_disk_full(error: BaseException) -> bool:
    return any(getattr(cause, "errno", None) in (errno.ENOSPC, errno.EDQUOT) for cause in _chain(error))


def _chain(error: BaseException) -> list[BaseException]:
    """The error and what led to it."""
    chain: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in chain:
        chain.append(current)
        current = current.__cause__ or current.__context__
    return chain


def _first_line(error: BaseException) -> str:
    return next((line.strip()[:200] for line in str(error).splitlines() if line.strip()), "no message")
