"""What the bundled BERT can do: everyday sentences, and what fine-tuning makes of it beside another BERT.

48 sentences with a hidden word, written before any model answered them: how often is the expected word among
the first five? With --labelled, a file of one label and one text a line (tab-separated): every model is
fine-tuned on 6,000 of its texts by the plain recipe (two epochs, batches of 32, AdamW at 1e-4, a linear rise
and fall) and judged on 2,500 others, the same for all.

    python benchmarks/bundled_model.py [--labelled films.tsv --beside all-MiniLM-L6-v2 --seeds 0 1]

The held-out figures of its card: `python -m bert_explorer pretrain measure`; grammar: `minimal_pairs.py`.
"""

import argparse
import csv
import sys
import time
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
import torch
import transformers

from bert_explorer.settings import Settings

SENTENCES = Path(__file__).with_name("everyday_sentences.tsv")
NUM_TRAINING, NUM_TESTED = 6_000, 2_500
EPOCHS, BATCH_SIZE, POOL_BATCHES, LEARNING_RATE, MAX_LENGTH = 2, 32, 10, 1e-4, 128


def answer_everyday_sentences(folder: Path) -> None:
    right: dict[str, list[bool]] = defaultdict(list)
    guess = transformers.pipeline("fill-mask", str(folder), device="cpu", dtype=torch.float32, top_k=5)
    with open(SENTENCES, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            words = [item["token_str"] for item in guess(row["sentence"])]
            right[row["kind"]].append(row["expected"] in words)
            if not right[row["kind"]][-1]:
                print(f"  {row['sentence']}  not {row['expected']} but {', '.join(words)}")
    for kind, found in right.items():
        print(f"{kind:12} {sum(found):2} of {len(found)}")
    every = [hit for found in right.values() for hit in found]
    print(f"expected word among the first five: {sum(every)} of {len(every)}")


def read_labelled(path: Path) -> tuple[list[str], np.ndarray]:
    """Texts in a fixed random order, and their labels as numbers."""
    rows = [line.split("\t", 1) for line in path.read_text(encoding="utf-8").splitlines() if "\t" in line]
    order = np.random.default_rng(0).permutation(len(rows))
    names = sorted({label for label, _ in rows})
    return [rows[i][1] for i in order], np.array([names.index(rows[i][0]) for i in order])


def fine_tune(folder: Path, texts: list[str], labels: np.ndarray, seed: int) -> float:
    """Share of the tested texts that are labelled rightly."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    ids = tokenizer(texts, truncation=True, max_length=MAX_LENGTH, padding=False)["input_ids"]
    torch.manual_seed(seed)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(
        folder, num_labels=int(labels.max()) + 1, dtype=torch.float32
    ).train()

    def read(rows: np.ndarray) -> dict[str, torch.Tensor]:
        return dict(tokenizer.pad({"input_ids": [ids[i] for i in rows]}, return_tensors="pt"))

    batches = draw_batches([len(row) for row in ids[:NUM_TRAINING]], seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, fused=True)
    schedule = transformers.get_linear_schedule_with_warmup(optimizer, len(batches) // 10, len(batches))
    for rows in batches:
        model(**read(rows), labels=torch.from_numpy(labels[rows])).loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
    model.eval()
    tested = np.arange(len(texts) - NUM_TESTED, len(texts))
    with torch.inference_mode():
        given = np.concatenate(
            [
                model(**read(rows)).logits.argmax(-1).numpy()
                for rows in np.array_split(tested, NUM_TESTED // 32)
            ]
        )
    return float((given == labels[tested]).mean())


def draw_batches(lengths: list[int], seed: int) -> list[np.ndarray]:
    """Every epoch in an order of its own; texts of similar length share a batch, which saves padding."""
    generator = np.random.default_rng(seed)
    batches = []
    for _ in range(EPOCHS):
        order = generator.permutation(len(lengths))
        epoch = []
        for start in range(0, len(order), POOL_BATCHES * BATCH_SIZE):
            pool = sorted(order[start : start + POOL_BATCHES * BATCH_SIZE], key=lambda row: lengths[row])
            epoch += [np.array(pool[i : i + BATCH_SIZE]) for i in range(0, len(pool), BATCH_SIZE)]
        batches += [epoch[i] for i in generator.permutation(len(epoch))]
    return batches


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, default=Settings().bundled_model_path)
    parser.add_argument("--labelled", type=Path)
    parser.add_argument("--beside", type=Path, nargs="*", default=[], help="folders of other BERTs")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    arguments = parser.parse_args()
    torch.set_flush_denormal(True)
    transformers.logging.set_verbosity_error()
    answer_everyday_sentences(arguments.model)
    if not arguments.labelled:
        return
    texts, labels = read_labelled(arguments.labelled)
    if len(texts) < NUM_TRAINING + NUM_TESTED:
        parser.error(f"{arguments.labelled} has {len(texts)} rows; {NUM_TRAINING + NUM_TESTED:,} are needed")
    for seed in arguments.seeds:
        for folder in [arguments.model, *arguments.beside]:
            started = time.perf_counter()
            share = fine_tune(folder, texts, labels, seed)
            seconds = time.perf_counter() - started
            print(f"{folder.name}, seed {seed}: {share:.3f} of {NUM_TESTED:,}, {seconds:.0f} s", flush=True)


if __name__ == "__main__":
    main()
