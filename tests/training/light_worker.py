"""The real worker, with the light task, the light analysis and without importing torch."""

import sys

from bert_explorer.training import worker

if __name__ == "__main__":
    worker.TASK_MODULES["text-classification"] = "tests.training.light_task"
    worker.ANALYSES = "tests.training.light_analysis"
    worker._set_up_torch = lambda settings: None  # type: ignore[assignment]  # noqa: ARG005
    sys.exit(worker.main(sys.argv[1:]))
