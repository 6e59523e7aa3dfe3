"""From corpus files and the folder of a BERT to what a training reads, and what it is measured on."""

import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from transformers import BertForPreTraining, PreTrainedTokenizerFast

from bert_explorer.analysis.corruption import Masking
from bert_explorer.errors import DataError, InputError, UnsupportedModelError
from bert_explorer.models.inspection import inspect_folder
from bert_explorer.pretraining.batches import Batch, BatchSource, SpecialIds
from bert_explorer.pretraining.cloze import ClozeProbe
from bert_explorer.pretraining.corpus import (
    FACT_FILES,
    SENTENCE_FILES,
    TokenizedDocuments,
    load_tokenized,
    read_documents,
    save_tokenized,
    tokenize_documents,
)
from bert_explorer.pretraining.evaluation import MASKED_SHARE, Evaluation, evaluate, held_out_batches
from bert_explorer.pretraining.starting import load_starting_model
from bert_explorer.results import Capability

TOO_SMALL = "The corpus is too small to keep 5 % of its documents for measuring. Add text."


def prepare(
    corpus: Sequence[Path],
    start: Path,
    work: Path,
    held_out_sequences: int,
    seed: int,
    shape: dict[str, Any],
) -> tuple[BertForPreTraining, BatchSource, list[Batch], PreTrainedTokenizerFast]:
    """Model, batches to learn from, batches to measure on, tokenizer.

    ``shape`` holds batch_size, seq_len and mask_share. Token ids are kept in ``work``.
    Raises DataError for a corpus that is too small or cannot be read.
    """
    model, tokenizer = load_starting_model(start, seed=seed)
    training, held_out = _tokenize_once(corpus, work, tokenizer)
    masking = _masking(tokenizer, shape["mask_share"])
    source = BatchSource(
        training,
        batch_size=shape["batch_size"],
        seq_len=shape["seq_len"],
        masking=masking,
        special=_special(tokenizer),
        seed=seed,
    )
    measured = _batches_to_measure(held_out, tokenizer, held_out_sequences, shape["seq_len"])
    return model, source, measured, tokenizer


def measure_folder(folder: Path, corpus: Sequence[Path], sequences: int | None, seq_len: int) -> Evaluation:
    """Held-out figures of a BERT with both heads, on ``sequences`` of the documents kept apart, or on all.

    Raises UnsupportedModelError for a model without the heads, DataError for a corpus without such documents.
    """
    heads = {Capability.MASKED_LM, Capability.NEXT_SENTENCE}
    if not heads <= inspect_folder(folder, "measured", folder.name).capabilities:
        raise UnsupportedModelError(
            f"{folder} has no heads for masked words and sentence pairs. Train them first: `pretrain run`."
        )
    model, tokenizer = load_starting_model(folder, seed=0)
    model.eval()  # type: ignore[no-untyped-call]  # transformers leaves it untyped
    documents = [document for document in read_documents(corpus) if document.is_held_out]
    if not documents:
        raise DataError(TOO_SMALL)
    return evaluate(
        model, _batches_to_measure(tokenize_documents(documents, tokenizer), tokenizer, sequences, seq_len)
    )


def build_probe(tokenizer: PreTrainedTokenizerFast) -> ClozeProbe | None:
    """None where the vocabulary lacks the words of the cloze sentences."""
    try:
        return ClozeProbe(tokenizer)
    except InputError as error:
        print(f"without cloze sentences: {error}", file=sys.stderr)  # noqa: T201  beside the log lines
        return None


def _tokenize_once(
    corpus: Sequence[Path], work: Path, tokenizer: PreTrainedTokenizerFast
) -> tuple[TokenizedDocuments, TokenizedDocuments]:
    """Training and held-out documents as ids; kept in the work folder, since this takes a minute.

    The files are named by what they were made from, so that another corpus is never taken for this one.
    """
    sources = [(path.name, path.stat().st_size) for path in corpus]
    vocabulary = sorted(tokenizer.get_vocab().items())
    made_of = repr((sources, vocabulary, SENTENCE_FILES, FACT_FILES))
    made_from = hashlib.sha256(made_of.encode()).hexdigest()[:12]
    paths = (work / f"training-{made_from}.npz", work / f"held-out-{made_from}.npz")
    if not all(path.is_file() for path in paths):
        documents = read_documents(corpus)
        for path, held_out in zip(paths, (False, True), strict=True):
            chosen = [document for document in documents if document.is_held_out is held_out]
            if not chosen:
                raise DataError(TOO_SMALL)
            save_tokenized(tokenize_documents(chosen, tokenizer), path)
    return load_tokenized(paths[0]), load_tokenized(paths[1])


def _batches_to_measure(
    held_out: TokenizedDocuments, tokenizer: PreTrainedTokenizerFast, sequences: int | None, seq_len: int
) -> list[Batch]:
    return held_out_batches(
        held_out,
        num_sequences=sequences,
        seq_len=seq_len,
        masking=_masking(tokenizer, MASKED_SHARE),
        special=_special(tokenizer),
    )


def _masking(tokenizer: PreTrainedTokenizerFast, share: float) -> Masking:
    return Masking(
        share=share,
        mask_token_id=int(tokenizer.mask_token_id),
        vocab_size=len(tokenizer),
        first_word_id=max(tokenizer.all_special_ids) + 1,
    )


def _special(tokenizer: PreTrainedTokenizerFast) -> SpecialIds:
    return SpecialIds(tokenizer.cls_token_id, tokenizer.sep_token_id, tokenizer.pad_token_id)
