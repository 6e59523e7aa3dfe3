"""Workers that speak umap_worker's protocol and answer quickly, wrongly or never."""

import sys
import time
from pathlib import Path

from bert_explorer.analysis import umap_worker


def first_columns() -> None:
    umap_worker.compute_umap = lambda vectors, asked: vectors[:, : asked["dimensions"]]
    umap_worker.serve(sys.stdin.buffer, sys.stdout.buffer)


def end_at_seed_1() -> None:
    def compute(vectors: object, asked: dict[str, int]) -> object:
        if asked["seed"] == 1:
            sys.exit(1)
        return vectors[:, :2]  # type: ignore[index]

    umap_worker.compute_umap = compute
    umap_worker.serve(sys.stdin.buffer, sys.stdout.buffer)


def refuse() -> None:
    def compute(_vectors: object, _asked: dict[str, int]) -> object:
        raise ValueError("no")

    umap_worker.compute_umap = compute
    umap_worker.serve(sys.stdin.buffer, sys.stdout.buffer)


def wait_for_file() -> None:
    gate = Path(sys.argv[1])

    def compute(vectors: object, _asked: dict[str, int]) -> object:
        while not gate.exists():
            time.sleep(0.02)
        return vectors[:, :2]  # type: ignore[index]

    umap_worker.compute_umap = compute
    umap_worker.serve(sys.stdin.buffer, sys.stdout.buffer)


def sleep() -> None:
    time.sleep(60)
