"""Time and memory by rows of embedding texts, and the time beside sentence-transformers' ``encode``.

The same weights, mean pooling over the last layer, the same vectors (checked to 1e-4), one process, rounds
interleaved. The texts are the bundled data sets' rows, alone and joined: most are short, some pass the limit.
sentence-transformers is needed for this comparison alone, and without its own torch and transformers:

    .venv/bin/pip install --no-deps sentence-transformers
    python benchmarks/embed_texts.py [--texts 5000] [--rounds 3] [--growth 1000 5000 10000 20000]

How time and memory grow is measured in a fresh process for each number of rows; ``--texts 0`` measures that
alone. "grown" is the peak of the memory above what the opened model takes; "to the first" compares processor
time a row with that of the fewest rows, 1 where time grows in proportion. "search" is one exact search over
all rows.
"""

import argparse
import json
import random
import statistics
import subprocess
import sys
import time

import numpy as np
import torch
from _model import open_folder

from bert_explorer.analysis.similarity import find_nearest
from bert_explorer.models.engine import Engine
from bert_explorer.settings import REPOSITORY, Settings

GOAL = 1.2
TOLERANCE = 1e-4
BATCH_SIZE = 32  # encode's own default
FILES = ("sms_spam_500.tsv", "subjectivity_400.tsv")


def make_texts(count: int, seed: int = 0, max_joined: int = 25) -> list[str]:
    """``count`` different texts; the number of rows joined in each has a long tail up to ``max_joined``."""
    rows = [
        line.split("\t")[-1]
        for name in FILES
        for line in (REPOSITORY / "assets" / "datasets" / name).read_text(encoding="utf-8").splitlines()
    ]
    chance = random.Random(seed)
    return [
        " ".join(chance.choices(rows, k=min(max_joined, int(chance.paretovariate(1.2))))) + f" {number}"
        for number in range(count)
    ]


def compare(count: int, rounds: int) -> None:
    """Both in this process, round by round; without the peer, it says how to get it."""
    torch.set_flush_denormal(True)  # the peer computes in this thread, and deserves it as well
    texts = make_texts(count)
    with open_folder(Settings()) as (folder, engine):
        lengths = engine.lengths(texts)
        print(
            f"{engine.info.name}, {torch.get_num_threads()} threads; tokens a text: median "
            f"{np.median(lengths):.0f}, 90 % under {np.quantile(lengths, 0.9):.0f}, longest {lengths.max()}"
        )
        try:
            compare_rounds(str(folder), engine, texts, rounds)
        except ImportError as error:
            print(f"{error}. Not compared. .venv/bin/pip install --no-deps sentence-transformers")


def compare_rounds(folder: str, engine: Engine, texts: list[str], rounds: int) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer

    words = Transformer(folder, model_kwargs={"dtype": torch.float32})  # left alone it takes the file's fp16
    words.max_seq_length = engine.info.max_length
    peer = SentenceTransformer(modules=[words, Pooling(engine.info.hidden_size)], device="cpu")
    last = engine.info.num_layers
    engine.pooled(texts[:64], layer=last)
    peer.encode(texts[:64])
    ours_s, theirs_s = [], []
    for _ in range(rounds):
        started = time.perf_counter()
        ours = engine.pooled(texts, layer=last)
        ours_s.append(time.perf_counter() - started)
        started = time.perf_counter()
        theirs = peer.encode(texts, batch_size=BATCH_SIZE, show_progress_bar=False)
        theirs_s.append(time.perf_counter() - started)
        print(f"  round: engine {ours_s[-1]:.1f} s, encode {theirs_s[-1]:.1f} s", flush=True)
        worst = float(np.abs(ours - theirs).max())
        assert worst < TOLERANCE, worst
    ratio = statistics.median(theirs_s) / statistics.median(ours_s)
    verdict = "" if ratio >= GOAL else f", below the goal of {GOAL}x"
    print(
        f"{len(texts):,} texts: engine {statistics.median(ours_s):.1f} s, encode "
        f"{statistics.median(theirs_s):.1f} s, ratio {ratio:.2f}x{verdict}; largest difference {worst:.1e}"
    )


def memory_mb(name: str) -> float:
    """VmRSS (now) or VmHWM (the peak so far) of this process, as Linux counts them."""
    with open("/proc/self/status", encoding="utf-8") as status:
        return next(int(line.split()[1]) / 1000 for line in status if line.startswith(f"{name}:"))


def measure_rows(engine: Engine, size: int) -> dict[str, float]:
    """Seconds and memory of embedding ``size`` texts of one row, in this process, and of a search in them."""
    last = engine.info.num_layers
    texts = make_texts(size, max_joined=1)
    engine.pooled(texts[:64], layer=last)
    open_mb, started, started_cpu = memory_mb("VmRSS"), time.perf_counter(), time.process_time()
    vectors = engine.pooled(texts, layer=last)
    elapsed_s, cpu_s = time.perf_counter() - started, time.process_time() - started_cpu
    peak_mb, started = memory_mb("VmHWM"), time.perf_counter()
    find_nearest(vectors[0], vectors, 10, centre=True)
    search_s = time.perf_counter() - started
    return {"s": elapsed_s, "cpu_s": cpu_s, "peak": peak_mb, "grown": peak_mb - open_mb, "search_s": search_s}


def show_growth(sizes: list[int]) -> None:
    """A line for each number of rows, each from a process of its own."""
    titles = ("rows", "s", "ms a row", "CPU ms a row", "to the first", "peak MB", "grown MB", "search ms")
    print("  ".join(f"{title:>12}" for title in titles))
    first = None
    for size in sorted(sizes):
        command = [sys.executable, __file__, "--rows", str(size)]
        answer = subprocess.run(command, capture_output=True, text=True, check=True)
        found = json.loads(answer.stdout.splitlines()[-1])
        row_ms = 1000 * found["cpu_s"] / size
        first = first or row_ms
        numbers = (f"{size:,}", f"{found['s']:.1f}", f"{1000 * found['s'] / size:.2f}", f"{row_ms:.2f}")
        numbers += (f"{row_ms / first:.2f}", f"{found['peak']:.0f}", f"{found['grown']:.0f}")
        print("  ".join(f"{text:>12}" for text in (*numbers, f"{1000 * found['search_s']:.0f}")), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=int, default=5_000, help="0: no comparison")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--growth", type=int, nargs="*", default=[1_000, 5_000, 10_000, 20_000])
    parser.add_argument("--rows", type=int, help=argparse.SUPPRESS)  # what show_growth asks a process
    chosen = parser.parse_args()
    if chosen.rows is not None:
        with open_folder(Settings()) as (_, engine):
            print(json.dumps(measure_rows(engine, chosen.rows)))
        return
    show_growth(chosen.growth)
    if chosen.texts:
        compare(chosen.texts, chosen.rounds)


if __name__ == "__main__":
    main()
