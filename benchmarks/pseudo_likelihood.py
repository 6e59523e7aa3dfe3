"""Pseudo-likelihood of 200 sentences: our batches beside a loop over BertForMaskedLM, one mask at a time.

One process, the same weights, the same scores (checked), rounds interleaved, medians. The engine's memory of
answers is off, except in the last line: thirty people who load the same example are answered from memory.

    python benchmarks/pseudo_likelihood.py [--sentences 200] [--rounds 3]
"""

import argparse
import json
import statistics
import time

import torch
import transformers
from _model import open_both

from bert_explorer.analysis.pseudo_likelihood import score_texts
from bert_explorer.models.cache import ModelCache
from bert_explorer.models.engine import Engine
from bert_explorer.settings import Settings

GOAL = 4.0
NUM_PEOPLE = 30


def read_sentences(count: int) -> list[str]:
    path = Settings().assets / "datasets" / "blimp_sample.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    step = len(lines) // count
    return [json.loads(line)["good"] for line in lines[::step]][:count]


def score_ours(engine: Engine, sentences: list[str]) -> list[float]:
    found = dict(score_texts(engine, sentences))
    return [found[i].pseudo_log_likelihood for i in range(len(sentences))]


@torch.inference_mode()
def score_naively(
    model: transformers.BertForMaskedLM, tokenizer: object, sentences: list[str]
) -> list[float]:
    """As one writes it first: each token hidden in turn, one forward pass each."""
    totals = []
    for sentence in sentences:
        inputs = tokenizer(sentence, return_tensors="pt")  # type: ignore[operator]
        ids, total = inputs["input_ids"], 0.0
        for position in range(1, ids.shape[1] - 1):
            masked = ids.clone()
            masked[0, position] = tokenizer.mask_token_id  # type: ignore[attr-defined]
            logits = model(**inputs | {"input_ids": masked}).logits[0, position]
            total += float(logits.log_softmax(dim=-1)[ids[0, position]])
        totals.append(total)
    return totals


def measure_s(run: object) -> float:
    started = time.perf_counter()
    run()  # type: ignore[operator]
    return time.perf_counter() - started


def report_equal_texts(sentences: list[str]) -> None:
    """The first of thirty people computes, the others read the engine's memory."""
    cache = ModelCache(Settings())
    with cache.lease("bundled") as engine:
        list(score_texts(engine, ["a first sentence"]))
        first = measure_s(lambda: list(score_texts(engine, sentences[:20])))
        others = [measure_s(lambda: list(score_texts(engine, sentences[:20]))) for _ in range(NUM_PEOPLE - 1)]
    cache.close()
    print(
        f"the same 20 sentences for {NUM_PEOPLE} people: the first waits {first:.2f} s, "
        f"the others {statistics.median(others):.3f} s ({first / statistics.median(others):.0f}x)"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sentences", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    sentences = read_sentences(options.sentences)
    with open_both() as (engine, pipeline):
        tokenizer = pipeline.tokenizer
        model = transformers.AutoModelForMaskedLM.from_pretrained(
            pipeline.model.name_or_path, dtype=torch.float32
        ).eval()
        warm = sentences[:3]
        for ours_value, naive_value in zip(
            score_ours(engine, warm), score_naively(model, tokenizer, warm), strict=True
        ):
            assert abs(ours_value - naive_value) < 1e-2, (ours_value, naive_value)
        ours, naive = [], []
        for _ in range(options.rounds):
            ours.append(measure_s(lambda: score_ours(engine, sentences)))
            naive.append(measure_s(lambda: score_naively(model, tokenizer, sentences)))
        ours_s, naive_s = statistics.median(ours), statistics.median(naive)
        ratio = naive_s / ours_s
        verdict = "" if ratio >= GOAL else f"   below the goal of {GOAL}x"
        times = f"ours {ours_s:.2f} s, naive loop {naive_s:.2f} s"
        print(f"{len(sentences)} sentences: {times}, {ratio:.2f}x{verdict}")
    report_equal_texts(sentences)


if __name__ == "__main__":
    main()
