"""What recording the film of a training costs: the same run with and without, in time and on the disk.

Every training is a process of its own and goes through the code of a real run (see fine_tuning.py). Both take
turns, each first in every other round. A cost is the median over the rounds of one round's difference, by the
clock, which a busy minute blurs, and by the processor time of the process; beside it stands what the recorder
itself has counted.

    python benchmarks/film_recording.py [--file sms_spam_500.tsv] [--rounds 3] [--freeze none]
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bert_explorer.models.catalog import describe_model
from bert_explorer.settings import MB, REPOSITORY, Settings
from bert_explorer.training.config import FineTuneConfig, suggest_learning_rate
from bert_explorer.training.data import guess_columns, read_table

GOAL_SHARE, GOAL_MB = 0.10, 50


def train_one(file: Path, freeze: str, *, record: bool) -> dict[str, float]:
    """Seconds and processor seconds of the training; with a film also its own, bytes, moments, examples."""
    import torch

    from bert_explorer.training.film.file import read_film
    from bert_explorer.training.job import Job
    from bert_explorer.training.monitor import RunMonitor
    from bert_explorer.training.run_folder import run_folder
    from bert_explorer.training.store import RunStore
    from bert_explorer.training.text_classification import fine_tune

    torch.set_flush_denormal(True)
    content = file.read_bytes()
    guess = guess_columns(read_table(file.name, content))
    rate = suggest_learning_rate(describe_model("bundled", Settings()), freeze)
    columns = {"text_column": guess.text, "label_column": guess.label, "pair_column": guess.pair}
    config = FineTuneConfig(**columns, freeze=freeze, learning_rate=rate)  # type: ignore[arg-type]
    with TemporaryDirectory() as home:
        settings = Settings(home=Path(home), offline=True, device="cpu", record_films=record)
        store = RunStore(settings.resolved_database_url)
        created = store.create(owner="benchmark", name="film", filename=file.name, config=config)
        folder = run_folder(created.id, settings)
        folder.keep_upload(file.name, content)
        run = store.claim_next(1)
        assert run is not None
        used = time.process_time()
        measured = {"s": fine_tune(Job(run, folder, settings, RunMonitor(store, run.id)))["training_s"]}
        measured["cpu_s"] = time.process_time() - used
        store.close()
        if record:
            film = read_film(folder.film)
            size = folder.film.stat().st_size
            measured |= {"spent_s": film.spent_s, "mb": size / MB, "moments": len(film)}
            measured["items"] = len(film.items)
    return measured


def measure(file: Path, freeze: str, kind: str) -> dict[str, float]:
    command = [sys.executable, __file__, "--file", str(file), "--freeze", freeze, "--one", kind]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [line for line in result.stdout.splitlines() if line.startswith("RESULT ")]
    if not lines:
        sys.exit(f"{kind}: {result.stderr[-2000:]}")
    measured: dict[str, float] = json.loads(lines[-1].removeprefix("RESULT "))
    return measured


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--file", default="sms_spam_500.tsv", help="in assets/datasets, or a path")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--freeze", default="none")
    parser.add_argument("--one", choices=("film", "plain"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    file = Path(chosen.file)
    file = file if file.is_file() else REPOSITORY / "assets" / "datasets" / chosen.file
    if chosen.one:
        print("RESULT " + json.dumps(train_one(file, chosen.freeze, record=chosen.one == "film")))
        return
    rounds: list[dict[str, dict[str, float]]] = []
    for number in range(chosen.rounds):
        order = ("film", "plain") if number % 2 == 0 else ("plain", "film")
        rounds.append({kind: measure(file, chosen.freeze, kind) for kind in order})
        print("  round", number + 1, rounds[-1], flush=True)
    report(f"{file.name}, freeze {chosen.freeze}", rounds)


def report(what: str, rounds: list[dict[str, dict[str, float]]]) -> None:
    film = rounds[0]["film"]
    clock, used = (
        statistics.median(one["film"][name] / one["plain"][name] - 1 for one in rounds)
        for name in ("s", "cpu_s")
    )
    counted = statistics.median(one["film"]["spent_s"] / one["film"]["s"] for one in rounds)
    notes = "" if max(clock, used) <= GOAL_SHARE and film["mb"] <= GOAL_MB else ", beyond the goal"
    print(
        f"{what}: a film of {film['moments']} moments of {film['items']} examples costs {used:+.1%} by "
        f"processor time, {clock:+.1%} by the clock, {counted:.1%} by the recorder's own; "
        f"{film['mb']:.1f} MB on the disk{notes}"
    )


if __name__ == "__main__":
    main()
