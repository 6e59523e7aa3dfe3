"""Time and memory by rows of embedding texts, and the time beside sentence-transformers' ``encode``.

The same weights, mean pooling over the last layer, the same vectors (checked to 1e-4), one process, rounds
interleaved. The texts are the bundled data sets' rows, alone and joined: most are short, some pass the limit.
sentence-transformers is needed for this script alone, and without its own torch and transformers:

    .venv/bin/pip install --no-deps sentence-transformers
    python benchmarks/embed_texts.py [--texts 5000] [--rounds 3] [--growth 1000 5000 10000 20000]
"""

import argparse
import random
import resource
import statistics
import time

import numpy as np
import torch
from _model import open_folder

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


def compare(folder: str, engine: Engine, texts: list[str], rounds: int) -> None:
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


def show_growth(engine: Engine, sizes: list[int]) -> None:
    """Time and peak memory as texts of one row are added. Peak memory only grows, so sizes must as well."""
    print(f"{'rows':>7} {'s':>7} {'ms a row':>9} {'peak MB':>8}")
    for size in sorted(sizes):
        texts = make_texts(size, seed=size, max_joined=1)
        started = time.perf_counter()
        engine.pooled(texts, layer=engine.info.num_layers)
        elapsed_s = time.perf_counter() - started
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        print(f"{size:>7,} {elapsed_s:>7.1f} {1000 * elapsed_s / size:>9.2f} {peak_mb:>8.0f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--growth", type=int, nargs="*", default=[1_000, 5_000, 10_000, 20_000])
    chosen = parser.parse_args()
    torch.set_flush_denormal(True)  # the peer computes in this thread, and deserves it as well
    with open_folder(Settings()) as (folder, engine):
        lengths = engine.lengths(make_texts(chosen.texts))
        print(
            f"{engine.info.name}, {torch.get_num_threads()} threads; tokens a text: median "
            f"{np.median(lengths):.0f}, 90 % under {np.quantile(lengths, 0.9):.0f}, longest {lengths.max()}"
        )
        show_growth(engine, chosen.growth)
        try:
            compare(str(folder), engine, make_texts(chosen.texts), chosen.rounds)
        except ImportError as error:
            print(f"{error}. Not compared. .venv/bin/pip install --no-deps sentence-transformers")


if __name__ == "__main__":
    main()
