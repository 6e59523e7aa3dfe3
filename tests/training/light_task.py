"""A task that needs no torch and behaves as the name of its run says, for tests of everything around it."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bert_explorer.results import TrainingMetric
from bert_explorer.training.job import Job

ENDLESS_S = 600.0


def fine_tune(job: Job) -> dict[str, Any]:
    verb, _, argument = job.run.name.partition(":")
    if verb == "block":  # deaf to the wish to stop, as a long step of a large model is
        job.monitor.enter(argument, progress=0.5)
        job.folder.publish_model(_write_model)
        time.sleep(ENDLESS_S)
    if verb == "steps":
        _take_steps(job)
    if verb == "family":
        child = subprocess.Popen([sys.executable, "-c", f"import time; time.sleep({ENDLESS_S})"])
        job.monitor.enter(f"child {child.pid}", progress=0.5)
        time.sleep(ENDLESS_S)
    if verb in ("die", "full"):
        _meet_its_end(job, verb, argument)
    if verb == "disk":
        raise OSError(errno.ENOSPC, "No space left on device")
    if verb == "memory":
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes")
    if verb == "defect":
        raise ZeroDivisionError("division by zero")
    job.folder.publish_model(_write_model)
    return {"accuracy": 1.0}


def _meet_its_end(job: Job, verb: str, phase: str) -> None:
    """Measures something, and then ends in this phase: killed by the system, or with a full disk."""
    job.monitor.measured([TrainingMetric(1, 0.1, "loss", 0.5)])
    job.monitor.enter(phase, progress=0.5)
    job.folder.checkpoints.mkdir(exist_ok=True)

    def end(half: Path) -> None:
        (half / "config.json").write_text("{}", encoding="utf-8")
        if verb == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        raise OSError(errno.ENOSPC, "No space left on device")

    job.folder.publish_model(end) if phase == "saving the model" else end(job.folder.checkpoints)


def _take_steps(job: Job) -> None:
    job.monitor.enter("training", progress=0.1)
    job.folder.publish_model(_write_model)
    started_at = time.monotonic()
    step = 0
    while time.monotonic() - started_at < ENDLESS_S:
        step += 1
        job.monitor.check()
        job.monitor.measured([TrainingMetric(step, step / 10, "loss", 1 / step)])
        job.monitor.advance(0.5, 1.0)
        time.sleep(0.02)


def _write_model(folder: Path) -> None:
    (folder / "config.json").write_text("{}", encoding="utf-8")
