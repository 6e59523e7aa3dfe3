"""The process that computes UMAP (McInnes, Healy & Melville 2018): one request after another on its stdin.

UMAP's compiled threads can abort a whole process when two of them start at once, so it never runs in the
server's. Run by ``umap_pool`` as ``python -m bert_explorer.analysis.umap_worker``.

A request is a line of JSON ``{"rows", "columns", "dimensions", "neighbours", "seed"}`` and the vectors' bytes
(float32, row by row); the answer is a line ``{"rows", "columns"}`` and bytes, or a line ``{"error"}``.
"""

import json
import os
import sys
import warnings
from typing import IO, Any

import numpy as np


def serve(source: IO[bytes], sink: IO[bytes]) -> None:
    """Answer requests until the source ends."""
    while line := source.readline():
        asked = json.loads(line)
        shape = (asked["rows"], asked["columns"])
        vectors = np.frombuffer(source.read(4 * shape[0] * shape[1]), dtype=np.float32).reshape(shape)
        try:
            coordinates = compute_umap(vectors, asked)
        except Exception as error:  # noqa: BLE001 - whatever it is, the asker has to hear of it
            sink.write(json.dumps({"error": f"{type(error).__name__}: {error}"}).encode() + b"\n")
        else:
            rows, columns = coordinates.shape
            sink.write(json.dumps({"rows": rows, "columns": columns}).encode() + b"\n")
            sink.write(np.ascontiguousarray(coordinates, dtype=np.float32).tobytes())
        sink.flush()


def compute_umap(vectors: Any, asked: dict[str, int]) -> Any:
    """(rows, dimensions) coordinates; the same for the same vectors and seed."""
    import umap

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the seed, which makes it use one thread: that is wanted
        reducer = umap.UMAP(
            n_components=asked["dimensions"],
            n_neighbors=asked["neighbours"],
            random_state=asked["seed"],
            init="random" if asked["rows"] <= asked["dimensions"] + 2 else "spectral",
            n_jobs=1,
        )
        return reducer.fit_transform(vectors)


if __name__ == "__main__":
    os.nice(5)  # pages go before pictures
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever a library prints must not stand in an answer
    serve(sys.stdin.buffer, answers)
