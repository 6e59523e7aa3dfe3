"""How long a masked word takes while a model is trained beside it, against the same computer at rest.

One person asks for the words behind one mask, each time in a new sentence, at most 20 times a second. Between
the two measurements at rest, a run of full fine-tuning trains in its worker, as the app starts it. The goal:
the slowest twentieth of the answers (p95) takes at most 2.5 times as long as at rest.

    python benchmarks/latency_while_training.py [--requests 200] [--tokens 32]
"""

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from _model import make_text, open_folder

from bert_explorer.models.engine import Engine
from bert_explorer.settings import REPOSITORY, Settings
from bert_explorer.training.config import FineTuneConfig
from bert_explorer.training.executor import LocalProcessExecutor
from bert_explorer.training.queue import RunQueue
from bert_explorer.training.run import RunState
from bert_explorer.training.store import RunStore

GOAL = 2.5
PAUSE_S = 0.05
WARM_UP = 10
PATIENCE_S = 300.0
DATA = REPOSITORY / "assets" / "datasets" / "sms_spam_500.tsv"


def ask(engine: Engine, num_requests: int, num_tokens: int) -> list[float]:
    """Seconds of each answer; every text begins at another word, so that none was asked before."""
    elapsed = []
    for number in range(WARM_UP + num_requests):
        text = make_text(engine, num_tokens, first_word=number)
        began_at = time.perf_counter()
        engine.mask_logits(text)
        elapsed.append(time.perf_counter() - began_at)
        time.sleep(PAUSE_S)
    return elapsed[WARM_UP:]


@contextmanager
def training(settings: Settings) -> Iterator[RunQueue]:
    """A run that has made its first steps, and is stopped afterwards."""
    queue = RunQueue(RunStore(settings.resolved_database_url), LocalProcessExecutor(settings), settings)
    config = FineTuneConfig(text_column="text", label_column="label", epochs=100)
    run = queue.submit("benchmark", "beside", DATA.name, DATA.read_bytes(), config)
    queue.start()
    try:
        deadline = time.monotonic() + PATIENCE_S
        while not any(metric.name == "loss" for metric in queue.store.metrics(run.id)):
            assert queue.store.get(run.id).state.is_active, queue.store.get(run.id).error
            assert time.monotonic() < deadline, "the run has made no step"
            time.sleep(0.5)
        yield queue
        assert queue.store.get(run.id).state is RunState.RUNNING, "the run ended too early"
    finally:
        queue.cancel(run.id)
        queue.stop()


def describe(name: str, elapsed: list[float]) -> float:
    p50, p95 = np.percentile(np.array(elapsed) * 1000, [50, 95])
    print(f"{name:>16}: median {p50:6.1f} ms, p95 {p95:6.1f} ms", flush=True)
    return float(p95)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--tokens", type=int, default=32)
    chosen = parser.parse_args()
    with TemporaryDirectory() as home:
        settings = Settings(home=Path(home), offline=True, device="cpu")
        with open_folder(settings) as (_, engine):
            rest = ask(engine, chosen.requests // 2, chosen.tokens)
            with training(settings):
                busy = ask(engine, chosen.requests, chosen.tokens)
            rest += ask(engine, chosen.requests // 2, chosen.tokens)
    at_rest, beside = describe("at rest", rest), describe("beside training", busy)
    ratio = beside / at_rest
    print(f"p95 beside / at rest: {ratio:.2f}x{'' if ratio <= GOAL else f', above the goal of {GOAL}x'}")


if __name__ == "__main__":
    main()
