"""Eight clients that predict masks at once: our engine beside the pipeline behind a lock.

A pipeline must not be shared by threads without a lock (its tokenizer gives wrong answers), so that is what
an app without an engine has to do. Every client asks for texts of its own of mixed lengths, one after
the other; the two servings take turns, and medians over the rounds are compared. Memory of answers off.

    python benchmarks/concurrent_clients.py [--rounds 5]
"""

import argparse
import random
import statistics
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from _model import check_equal, make_text, open_both, predict

NUM_CLIENTS = 8
REQUESTS_PER_CLIENT = 8
LENGTHS = (8, 12, 16, 16, 24, 32, 48, 64)  # sentences as people type them
GOAL = 2.0

Serve = Callable[[str], object]


def run_clients(serve: Serve, texts: list[list[str]]) -> tuple[float, list[float]]:
    """Seconds until all clients are done, and the seconds that each request took."""
    start = threading.Barrier(NUM_CLIENTS + 1)

    def client(own_texts: list[str]) -> list[float]:
        start.wait()
        times = []
        for text in own_texts:
            asked = time.perf_counter()
            serve(text)
            times.append(time.perf_counter() - asked)
        return times

    with ThreadPoolExecutor(NUM_CLIENTS) as pool:
        futures = [pool.submit(client, own_texts) for own_texts in texts]
        start.wait()
        started = time.perf_counter()
        latencies = [latency for future in futures for latency in future.result()]
        return time.perf_counter() - started, latencies


def report(name: str, rounds: list[tuple[float, list[float]]]) -> float:
    """Print throughput and latencies of one serving; gives the throughput."""
    num_requests = NUM_CLIENTS * REQUESTS_PER_CLIENT
    throughput = num_requests / statistics.median(elapsed_s for elapsed_s, _ in rounds)
    latencies = sorted(1000 * latency for _, times in rounds for latency in times)
    median, slow = latencies[len(latencies) // 2], latencies[int(0.95 * len(latencies))]
    print(f"{name:>22}: {throughput:6.1f} requests/s, median {median:6.1f} ms, 95 % under {slow:6.1f} ms")
    return throughput


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    num_rounds = parser.parse_args().rounds
    with open_both() as (engine, pipeline):
        chance = random.Random(0)
        texts = [
            [
                make_text(engine, chance.choice(LENGTHS), chance.randrange(30))
                for _ in range(REQUESTS_PER_CLIENT)
            ]
            for _ in range(NUM_CLIENTS)
        ]
        check_equal(engine, pipeline, texts[0][0])
        lock = threading.Lock()

        def serve_pipeline(text: str) -> object:
            with lock:
                return pipeline(text)

        ours, theirs = [], []
        for _ in range(num_rounds):
            ours.append(run_clients(lambda text: predict(engine, text), texts))
            theirs.append(run_clients(serve_pipeline, texts))
        print(f"{NUM_CLIENTS} clients, texts of {min(LENGTHS)} to {max(LENGTHS)} tokens, {num_rounds} rounds")
        ratio = report("engine", ours) / report("pipeline with a lock", theirs)
        print(f"{'ratio':>22}: {ratio:6.2f}x" + ("" if ratio >= GOAL else f"   below the goal of {GOAL}x"))


if __name__ == "__main__":
    main()
