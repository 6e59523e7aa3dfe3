"""Is there memory for the run on this computer now?"""

from bert_explorer.settings import MB
from bert_explorer.training.doctor.findings import Finding, Severity


def check_memory(needed_bytes: int, free_bytes: int | None) -> Finding | None:
    """Warns where a run needs more than is free; ``free_bytes`` is None where that is not known."""
    if free_bytes is None or needed_bytes <= free_bytes:
        return None
    return Finding(
        "memory",
        Severity.WARNING,
        f"Training will need about {needed_bytes / MB:,.0f} MB of memory; {free_bytes / MB:,.0f} MB are free",
        "Choose a smaller batch, fewer tokens of a text or a smaller model, keep layers fixed, or close "
        "other programs.",
    )
