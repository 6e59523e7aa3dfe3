"""Time of one mask prediction, our engine beside transformers' fill-mask pipeline.

One process, the same weights, the same ten words as the answer (checked), runs interleaved, medians. The
engine's memory of answers is off: every question is computed.

    python benchmarks/mask_prediction.py [--runs 15]
"""

import argparse
import statistics
import time
from collections.abc import Callable

from _model import check_equal, make_text, open_both, predict

LENGTHS = (16, 64, 128, 384, 512)
GOAL = 2.0  # at 128 tokens and above
GOAL_BELOW = 1.5


def measure_ms(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return 1000 * (time.perf_counter() - started)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    with open_both() as (engine, pipeline):
        print(f"{'tokens':>7} {'engine ms':>10} {'pipeline ms':>12} {'ratio':>6}   (medians of {runs})")
        for num_tokens in LENGTHS:
            text = make_text(engine, num_tokens)
            check_equal(engine, pipeline, text)  # warms both up as well
            ours, theirs = [], []
            for _ in range(runs):
                ours.append(measure_ms(lambda text=text: predict(engine, text)))
                theirs.append(measure_ms(lambda text=text: pipeline(text)))
            ours_ms, theirs_ms = statistics.median(ours), statistics.median(theirs)
            ratio = theirs_ms / ours_ms
            goal = GOAL if num_tokens >= 128 else GOAL_BELOW
            verdict = "" if ratio >= goal else f"   below the goal of {goal}x"
            print(f"{num_tokens:>7} {ours_ms:>10.1f} {theirs_ms:>12.1f} {ratio:>5.2f}x{verdict}", flush=True)


if __name__ == "__main__":
    main()
