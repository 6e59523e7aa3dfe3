"""An analysis that needs no torch and does what its question says, for tests of everything around it."""

import errno
import json
import time
from typing import Any

from bert_explorer.errors import InputError
from bert_explorer.training.job import Job
from bert_explorer.training.run_folder import run_folder

ENDLESS_S = 600.0


def measure(job: Job) -> dict[str, Any]:
    assert job.run.subject is not None
    verb = json.loads(str(job.run.question))["ask"]
    job.monitor.enter("measuring", progress=0.5)
    if verb == "block":  # deaf to the wish to stop
        time.sleep(ENDLESS_S)
    if verb == "steps":
        started_at = time.monotonic()
        while time.monotonic() - started_at < ENDLESS_S:
            job.monitor.check()
            time.sleep(0.02)
    if verb == "disk":
        raise OSError(errno.ENOSPC, "No space left on device")
    if verb == "refuse":
        raise InputError("One class for everything.")
    folder = run_folder(job.run.subject, job.settings).analyses
    folder.mkdir()
    (folder / "found.json").write_text("{}", encoding="utf-8")
    return {}
