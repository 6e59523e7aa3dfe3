"""A pretraining as a run of the queue: a very small BERT from nothing, or a BERT trained on (task "
"masked-words).

The run's file is plain text. The model that comes out opens on every page, since it is a plain
BertForPreTraining; the answers to the reader's own sentences at every evaluation stay with the run.
"""

import json
import math
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from transformers import BertForPreTraining, PreTrainedTokenizerFast

from bert_explorer.analysis.corruption import Masking
from bert_explorer.analysis.training_text import TrainingText, divide_text
from bert_explorer.errors import DataError, UnsupportedModelError
from bert_explorer.models.catalog import find_folder
from bert_explorer.models.reference import parse_reference
from bert_explorer.pretraining.batches import Batch, BatchSource, SpecialIds
from bert_explorer.pretraining.cloze import Cloze, ClozeProbe, cloze_history
from bert_explorer.pretraining.corpus import Document, TokenizedDocuments, tokenize_documents
from bert_explorer.pretraining.evaluation import held_out_batches
from bert_explorer.pretraining.export import read_curve
from bert_explorer.pretraining.from_nothing import build_small_bert
from bert_explorer.pretraining.live_card import write_live_card
from bert_explorer.pretraining.starting import load_starting_model
from bert_explorer.pretraining.training import CURVE_FILE, PretrainingLoop, TrainingPlan
from bert_explorer.results import TrainingMetric
from bert_explorer.training.config import FROM_NOTHING
from bert_explorer.training.job import Job
from bert_explorer.training.tables.decoding import decode_text

MASK_SHARE, HELD_OUT_SEQUENCES = 0.2, 200
EVALUATIONS = 12
MAX_REPORTS = 400
MAX_UNKNOWN_SHARE = 0.2  # of the tokens; above it the model cannot read the text
MAX_VOCABULARY = 2**16  # token ids are kept in two bytes
TRAINED_FROM, TRAINED_TO = 0.05, 0.95  # what the steps are of the whole run


@dataclass(frozen=True)
class _Game:
    """What is played: ``is_paired`` where sentences come in pairs, for next-sentence prediction too.

    A model that begins from nothing reads single sentences. Measured on 4,000 everyday sentences: packed into
    pairs of 64 tokens it hardly leaves the commonest words in half a million tokens (held-out top-1 0.10),
    alone it reaches 0.20, and 0.27 after a million.
    """

    seq_len: int
    is_paired: bool


FROM_NOTHING_GAME, CONTINUED_GAME = _Game(32, is_paired=False), _Game(64, is_paired=True)


@dataclass(frozen=True)
class _Opened:
    game: _Game
    model: BertForPreTraining
    tokenizer: PreTrainedTokenizerFast
    learned: TokenizedDocuments
    held_out: list[Batch]
    masking: Masking
    special: SpecialIds


def fine_tune(job: Job) -> dict[str, Any]:
    """Trains the run's model, leaves it in the run's folder, returns the metrics.

    Raises DataError for a text that cannot be learned from, RunCancelled when the run was asked to stop.
    """
    job.monitor.enter("reading the text", progress=0.0)
    text = divide_text(decode_text(job.folder.read_upload())[0])
    job.monitor.log(f"{text.num_words:,} words in {text.num_sentences:,} sentences.")
    opened = _open(job, text)
    loop = _build_loop(job, opened)
    job.monitor.enter("training", progress=TRAINED_FROM)
    loop.run()
    job.monitor.enter("saving the model", progress=TRAINED_TO)
    metrics = _final_metrics(job, opened, text)
    card = write_live_card(job.run, metrics)
    job.folder.publish_model(lambda target: _save(target, opened, card))
    return metrics


def _open(job: Job, text: TrainingText) -> _Opened:
    config = job.run.config
    game = FROM_NOTHING_GAME if config.model == FROM_NOTHING else CONTINUED_GAME
    if game is FROM_NOTHING_GAME:
        sentences = [sentence for document in text.learned for sentence in document]
        model, tokenizer = build_small_bert(sentences, seed=config.seed)
    else:
        folder = find_folder(parse_reference(config.model), job.settings)
        model, tokenizer = load_starting_model(folder, seed=config.seed)
    if len(tokenizer) > MAX_VOCABULARY:
        raise UnsupportedModelError(
            f"The vocabulary of {config.model} has {len(tokenizer):,} entries; models of up to "
            f"{MAX_VOCABULARY:,} can be trained on here. Choose an English BERT, or begin from nothing."
        )
    job.monitor.log(
        f"{sum(p.numel() for p in model.parameters()):,} weights, {len(tokenizer):,} tokens known."
    )
    learned = _tokenize(text.learned, tokenizer, game)
    _check_script(learned, tokenizer)
    masking = Masking(
        share=MASK_SHARE,
        mask_token_id=tokenizer.mask_token_id,
        vocab_size=len(tokenizer),
        first_word_id=max(tokenizer.all_special_ids) + 1,
    )
    special = SpecialIds(tokenizer.cls_token_id, tokenizer.sep_token_id, tokenizer.pad_token_id)
    measured = held_out_batches(
        _tokenize(text.held_out, tokenizer, game),
        num_sequences=HELD_OUT_SEQUENCES,
        seq_len=game.seq_len,
        masking=masking,
        special=special,
    )
    return _Opened(game, model, tokenizer, learned, measured, masking, special)


def _tokenize(
    documents: Sequence[tuple[str, ...]], tokenizer: PreTrainedTokenizerFast, game: _Game
) -> TokenizedDocuments:
    kept = [Document(sentences, is_connected=game.is_paired, is_held_out=False) for sentences in documents]
    return tokenize_documents(kept, tokenizer)


def _check_script(learned: TokenizedDocuments, tokenizer: PreTrainedTokenizerFast) -> None:
    unknown = float(np.mean(learned.token_ids == tokenizer.unk_token_id))
    if unknown > MAX_UNKNOWN_SHARE:
        raise DataError(
            f"{unknown:.0%} of the text is unknown to the model's vocabulary: it was made for another "
            f"script. "
            "Train a small BERT from nothing, which learns its vocabulary from your text."
        )


def _build_loop(job: Job, opened: _Opened) -> PretrainingLoop:
    config = job.run.config
    source = BatchSource(
        opened.learned,
        batch_size=config.batch_size,
        seq_len=opened.game.seq_len,
        masking=opened.masking,
        special=opened.special,
        seed=config.seed,
    )
    total = config.epochs * source.steps_per_epoch()
    plan = TrainingPlan(
        total_steps=total,
        decay_steps=max(1, total // 2),
        head_steps=0,
        warmup_steps=max(1, total // 10),
        learning_rate=config.learning_rate,
        head_learning_rate=config.learning_rate,
        save_every=max(50, total // 5),
        report_every=math.ceil(total / MAX_REPORTS),
        evaluate_every=math.ceil(total / EVALUATIONS),
    )
    probe = (
        ClozeProbe(opened.tokenizer, tuple(Cloze(text) for text in config.cloze)) if config.cloze else None
    )
    work = job.folder.checkpoints
    work.mkdir(exist_ok=True)
    reporter = _Reporter(job, total, source.steps_per_epoch())
    loop = PretrainingLoop(opened.model, source, opened.held_out, plan, work, reporter.report, probe)
    resumed = loop.resume()
    job.monitor.restart_at(loop.step if resumed else -1)  # a fresh start writes step 0 again
    if resumed:
        job.monitor.log(f"Going on from the checkpoint after step {loop.step}.")
    return loop


class _Reporter:
    """Lines of the curve -> the run's monitor and the answers that its page shows."""

    def __init__(self, job: Job, total_steps: int, steps_per_epoch: int) -> None:
        self._job, self._total, self._steps_per_epoch = job, total_steps, steps_per_epoch

    def report(self, line: dict[str, Any]) -> None:
        """Raises RunCancelled when the run shall stop."""
        self._job.monitor.check()
        step = line["step"]
        values = {f"eval_{name}": line[name] for name in ("top1", "top5", "perplexity") if name in line}
        values |= {"loss": line["loss"]} if "loss" in line else {}
        epoch = step / self._steps_per_epoch
        self._job.monitor.measured(
            [
                TrainingMetric(step, epoch, name, value)
                for name, value in values.items()
                if math.isfinite(value)
            ]
        )
        share = step / self._total
        eta_s = line["seconds"] / step * (self._total - step) if step else None
        self._job.monitor.advance(TRAINED_FROM + (TRAINED_TO - TRAINED_FROM) * share, eta_s)
        if "top1" in line:
            self._job.monitor.log(f"Step {step}: {line['top1']:.1%} of the hidden held-out words right.")
            self._keep_answers()

    def _keep_answers(self) -> None:
        """Written beside the old file and then renamed: the page reads it at any moment."""
        folder = self._job.folder
        sentences = tuple(Cloze(text) for text in self._job.run.config.cloze)
        history = cloze_history(read_curve(folder.checkpoints / CURVE_FILE), sentences)
        temporary = folder.cloze.with_suffix(".part")
        temporary.write_text(json.dumps(history), encoding="utf-8")
        os.replace(temporary, folder.cloze)


def _final_metrics(job: Job, opened: _Opened, text: TrainingText) -> dict[str, Any]:
    curve = read_curve(job.folder.checkpoints / CURVE_FILE)
    measured = [line for line in curve if "top1" in line]
    first, last = measured[0], measured[-1]
    metrics = {name: last[name] for name in ("top1", "top5", "perplexity")}
    job.monitor.flush()
    return {
        **metrics,
        "headline": "top1",
        "labels": [],
        "top1_before": first["top1"],
        "perplexity_before": first["perplexity"],
        "commonest_word_top1": _commonest_word_accuracy(opened),
        "num_masks": last["num_masks"],
        "num_train": sum(len(document) for document in text.learned),
        "num_held_out": sum(len(batch.input_ids) for batch in opened.held_out),
        "num_tokens": last["tokens"],
        "num_words": text.num_words,
        "trainable_weights": sum(p.numel() for p in opened.model.parameters()),
    }


def _commonest_word_accuracy(opened: _Opened) -> float:
    """How often the commonest token of the training text is right: what a model without reading reaches."""
    [(commonest, _)] = Counter(opened.learned.token_ids.tolist()).most_common(1)
    labels = np.concatenate([batch.mask_labels for batch in opened.held_out])
    return float(np.mean(labels == commonest))


def _save(target: Any, opened: _Opened, card: str) -> None:
    opened.model.config._name_or_path = ""
    opened.model.save_pretrained(target)
    opened.tokenizer.save_pretrained(target)
    (target / "README.md").write_text(card, encoding="utf-8")
