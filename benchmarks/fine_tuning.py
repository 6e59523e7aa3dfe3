"""Time and peak memory of fine-tuning beside the recipe of transformers' text-classification tutorial.

The recipe: ``Trainer`` with ``DataCollatorWithPadding``, an evaluation and a checkpoint after every epoch,
the best of them loaded at the end; layers are frozen by ``requires_grad_(False)``. Both start from the same
weights, learn from the same rows with the same seed, batch size and learning rate, and are judged on the same
held-out rows. Every training is a process of its own; what is timed begins when the model is open and ends
when the held-out rows are predicted, without saving the finished model. Ours goes through the code of a real
run: store, log, checkpoints by the clock.

Seconds by the clock decide; those of the processor are printed too, since they hardly change when other
programs are at work.

    python benchmarks/fine_tuning.py [--file sms_spam_500.tsv] [--rounds 2] [--only full last-two last head]
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bert_explorer.models.catalog import describe_model
from bert_explorer.settings import REPOSITORY, Settings
from bert_explorer.training.config import FineTuneConfig, suggest_learning_rate
from bert_explorer.training.data import guess_columns, labelled_texts, read_table

TOLERANCE = 0.01  # of accuracy
# name: (layers that learn, None for all; epochs; goal)
CASES: dict[str, tuple[int | None, int, float]] = {
    "full": (None, 3, 1.2),
    "last-two": (2, 3, 1.4),
    "last": (1, 10, 2.0),
    "head": (0, 10, 6.0),
}


def make_config(filename: str, content: bytes, case: str) -> FineTuneConfig:
    learning, epochs, _ = CASES[case]
    info = describe_model("bundled", Settings())
    freeze = "none" if learning is None else "all" if learning == 0 else str(info.num_layers - learning)
    guess = guess_columns(read_table(filename, content))
    return FineTuneConfig(
        text_column=guess.text,
        label_column=guess.label,
        pair_column=guess.pair,
        epochs=epochs,
        freeze=freeze,
        learning_rate=suggest_learning_rate(info, freeze),
    )


def train_ours(filename: str, content: bytes, config: FineTuneConfig) -> tuple[float, float, float]:
    """Seconds, seconds of the processor, and held-out accuracy.

    The processor also opens the model in these: some tenths of a second more than is timed.
    """
    from bert_explorer.training.job import Job
    from bert_explorer.training.monitor import RunMonitor
    from bert_explorer.training.run_folder import run_folder
    from bert_explorer.training.store import RunStore
    from bert_explorer.training.text_classification import fine_tune

    with TemporaryDirectory() as home:
        settings = Settings(home=Path(home), offline=True, device="cpu")
        store = RunStore(settings.resolved_database_url)
        created = store.create(owner="benchmark", name="ours", filename=filename, config=config)
        folder = run_folder(created.id, settings)
        folder.keep_upload(filename, content)
        run = store.claim_next(1)
        assert run is not None
        began_at = time.process_time()
        metrics = fine_tune(Job(run, folder, settings, RunMonitor(store, run.id)))
        cpu_s = time.process_time() - began_at
        store.close()
    return metrics["training_s"], cpu_s, metrics["accuracy"]


def train_plain(filename: str, content: bytes, config: FineTuneConfig) -> tuple[float, float, float]:
    """Seconds, seconds of the processor, and held-out accuracy of the tutorial's recipe."""
    import numpy as np
    import transformers

    from bert_explorer.training.split import split_rows

    transformers.set_seed(config.seed)
    folder = Settings().bundled_model_path
    data = labelled_texts(read_table(filename, content), config)
    split = split_rows(data, held_out_share=config.held_out_share, seed=config.seed)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(
        folder, num_labels=len(data.labels), dtype="float32"
    )
    freeze_plainly(model, config.freeze)
    encoded = tokenizer(list(data.texts), data.pairs, truncation=True, max_length=config.max_length)
    rows = [
        {**{name: encoded[name][i] for name in encoded}, "labels": int(data.label_ids[i])}
        for i in range(len(data))
    ]

    def accuracy(prediction: Any) -> dict[str, float]:
        return {"accuracy": float((prediction.predictions.argmax(-1) == prediction.label_ids).mean())}

    with TemporaryDirectory() as home:
        arguments = transformers.TrainingArguments(
            output_dir=home,
            learning_rate=config.learning_rate,
            per_device_train_batch_size=config.batch_size,
            per_device_eval_batch_size=config.batch_size,
            num_train_epochs=config.epochs,
            weight_decay=config.weight_decay,
            eval_strategy="epoch",
            save_strategy="epoch",
            load_best_model_at_end=True,
            report_to="none",
            seed=config.seed,
            use_cpu=True,
            dataloader_pin_memory=False,
            disable_tqdm=True,
        )
        trainer = transformers.Trainer(
            model=model,
            args=arguments,
            train_dataset=[rows[i] for i in split.train],
            eval_dataset=[rows[i] for i in split.held_out],
            processing_class=tokenizer,
            data_collator=transformers.DataCollatorWithPadding(tokenizer),
            compute_metrics=accuracy,
        )
        began_at, cpu_began_at = time.perf_counter(), time.process_time()
        trainer.train()
        predicted = trainer.predict([rows[i] for i in split.held_out])
        elapsed_s, cpu_s = time.perf_counter() - began_at, time.process_time() - cpu_began_at
    given = np.asarray(predicted.predictions).argmax(-1)
    return elapsed_s, cpu_s, float((given == data.label_ids[split.held_out]).mean())


def freeze_plainly(model: Any, freeze: str) -> None:
    """As tutorials do it: no gradients, and everything else as before."""
    if freeze == "none":
        return
    layers = model.bert.encoder.layer
    for module in [model.bert.embeddings, *layers[: len(layers) if freeze == "all" else int(freeze)]]:
        module.requires_grad_(False)


def train_one(who: str, file: Path, case: str) -> None:
    """The inside of one process: prints what was measured."""
    import torch

    torch.set_flush_denormal(True)  # as a worker does; the recipe deserves it as well
    content = file.read_bytes()
    config = make_config(file.name, content, case)
    elapsed_s, cpu_s, accuracy = (train_ours if who == "ours" else train_plain)(file.name, content, config)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print("RESULT " + json.dumps({"s": elapsed_s, "cpu_s": cpu_s, "accuracy": accuracy, "peak_mb": peak_mb}))


def measure(who: str, file: Path, case: str) -> dict[str, float]:
    command = [sys.executable, __file__, "--file", str(file), "--one", who, case]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [line for line in result.stdout.splitlines() if line.startswith("RESULT ")]
    if not lines:
        sys.exit(f"{who}, {case}: {result.stderr[-2000:]}")
    measured: dict[str, float] = json.loads(lines[-1].removeprefix("RESULT "))
    return measured


def compare(file: Path, case: str, rounds: int) -> None:
    ours, plain = [], []
    for _ in range(rounds):  # one after the other, so that a busy minute hits both
        ours.append(measure("ours", file, case))
        plain.append(measure("plain", file, case))
    ours_s, plain_s = (statistics.median(one["s"] for one in runs) for runs in (ours, plain))
    ours_cpu_s, plain_cpu_s = (min(one["cpu_s"] for one in runs) for runs in (ours, plain))
    ours_mb, plain_mb = (max(one["peak_mb"] for one in runs) for runs in (ours, plain))
    ratio, goal = plain_s / ours_s, CASES[case][2]
    notes = "" if ratio >= goal else f", below the goal of {goal}x"
    if ours[0]["accuracy"] < plain[0]["accuracy"] - TOLERANCE:
        notes += ", accuracy differs by more than one point"
    print(
        f"{case:>9}: ours {ours_s:6.1f} s, {ours_mb:5.0f} MB, accuracy {ours[0]['accuracy']:.3f}; "
        f"recipe {plain_s:6.1f} s, {plain_mb:5.0f} MB, accuracy {plain[0]['accuracy']:.3f}; "
        f"ratio {ratio:.2f}x{notes} (processor {plain_cpu_s / ours_cpu_s:.2f}x)",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--file", default="sms_spam_500.tsv", help="in assets/datasets, or a path")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--only", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    file = Path(chosen.file)
    file = file if file.is_file() else REPOSITORY / "assets" / "datasets" / chosen.file
    if chosen.one:
        train_one(chosen.one[0], file, chosen.one[1])
        return
    for case in chosen.only:
        compare(file, case, chosen.rounds)


if __name__ == "__main__":
    main()
