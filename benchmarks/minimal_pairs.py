"""Time of the bundled minimal pairs, all 1,340 of them, with the accuracy that comes out.

Each of a sentence's n tokens is hidden in a copy of its own: n copies of n + 2 tokens go through the model.

python benchmarks/minimal_pairs.py [--pairs 1340]
"""

import argparse
import time

from _model import open_both

from bert_explorer.analysis.minimal_pairs import compute_accuracies, judge_pairs, read_bench
from bert_explorer.settings import Settings

GOAL_S = 120.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=1340)
    count = parser.parse_args().pairs
    every = read_bench(Settings())
    pairs = every[:: max(1, len(every) // count)][:count]
    texts = [text for pair in pairs for text in (pair.good, pair.bad)]
    with open_both() as (engine, _):
        num_tokens = sum(length * (length - 2) for length in engine.lengths(texts).tolist())
        started = time.perf_counter()
        judged = [item for _, item in judge_pairs(engine, pairs) if item is not None]
        elapsed_s = time.perf_counter() - started
    for item in compute_accuracies(judged):
        interval = f"{item.low:.3f} to {item.high:.3f}"
        print(f"{item.phenomenon:28} {item.num_right:4} of {item.num_pairs:4}  {item.share:.3f}  {interval}")
    num_right = sum(item.is_right for item in judged)
    verdict = "" if elapsed_s <= GOAL_S else f"   over the goal of {GOAL_S:.0f} s"
    speed = f"{1e6 * elapsed_s / num_tokens:.0f} ms per 1,000 of {num_tokens:,} tokens"
    print(f"{len(judged)} pairs, {num_right / len(judged):.3f} right, in {elapsed_s:.1f} s, {speed}{verdict}")


if __name__ == "__main__":
    main()
