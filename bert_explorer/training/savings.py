"""What a run need not compute: frozen layers after their first time, and what the head does not read."""

from transformers import PreTrainedModel

from bert_explorer.settings import MB
from bert_explorer.training.callback import PROGRESS_BEFORE, PROGRESS_OPEN
from bert_explorer.training.first_token import narrow_last_layer
from bert_explorer.training.frozen_outputs import ROW, Collate, Features, choose_probe, keep_frozen_outputs
from bert_explorer.training.job import Job


def leave_out(
    job: Job, model: PreTrainedModel, features: Features, collate: Collate
) -> tuple[Features, Collate]:
    """Features and collator to train with, and a model that computes nothing that changes nothing.

    Frozen layers run once, the last layer for the first token alone where the head reads no other.
    """
    features, collate = _compute_frozen_once(job, model, features, collate)
    if narrow_last_layer(model, collate(choose_probe(features))):
        job.monitor.log("The last layer runs for the first token alone: the head reads no other.")
    return features, collate


def _compute_frozen_once(
    job: Job, model: PreTrainedModel, features: Features, collate: Collate
) -> tuple[Features, Collate]:
    """On kept outputs where layers are frozen, else on tokens."""
    freeze = job.run.config.freeze
    if freeze in ("none", "embeddings", "0"):
        return features, collate
    job.monitor.enter("computing the frozen layers once", progress=PROGRESS_OPEN)
    kept = keep_frozen_outputs(
        model,
        freeze,
        features,
        collate,
        folder=job.folder.checkpoints,
        max_bytes=job.settings.max_frozen_bytes,
        on_progress=lambda share: _advance(job, share),
    )
    if isinstance(kept, str):
        job.monitor.log(f"The frozen layers are computed in every epoch: {kept}.")
        return features, collate
    job.monitor.log(f"The frozen layers ran once; {kept.states.nbytes / MB:,.1f} MB of outputs are kept.")
    return [{**feature, ROW: row} for row, feature in enumerate(features)], kept.collate_with(collate)


def _advance(job: Job, share: float) -> None:
    job.monitor.check()
    job.monitor.advance(PROGRESS_OPEN + (PROGRESS_BEFORE - PROGRESS_OPEN) * share, eta_s=None)
