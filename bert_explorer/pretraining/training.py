"""The training loop: optimiser, schedule, checkpoints and curve.

The learning rate warms up, stays, and falls to zero over the last ``decay_steps``: a checkpoint kept where
the fall begins can be trained on as if it had never ended. First only the new heads learn
(``head_steps``), so that their noise does not wear away the encoder.

Only what one training owns is written, all in its work folder:
    state.pt      weights, optimiser moments and step; the batches and masks follow from seed and step
    stable.pt     the same, from the moment before the fall
    curve.jsonl   one line a report: step, tokens, seconds, loss, held-out figures, cloze answers
"""

import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch.nn.functional import cross_entropy
from transformers import BertForPreTraining

from bert_explorer.pretraining.batches import Batch, BatchSource
from bert_explorer.pretraining.cloze import ClozeProbe
from bert_explorer.pretraining.evaluation import apply_heads, encode, evaluate
from bert_explorer.pretraining.pairs import NO_LABEL
from bert_explorer.pretraining.teacher import Teacher

STATE_FILE, STABLE_FILE, CURVE_FILE = "state.pt", "stable.pt", "curve.jsonl"


@dataclass(frozen=True)
class TrainingPlan:
    """Steps count batches. The encoder's rate is ``learning_rate``, the heads' ``head_learning_rate``.

    With ``precision`` "bf16" matrices are multiplied in bfloat16, while weights, norms, softmax and loss stay
    in float32: on a CPU with AVX-512 BF16 a step takes 0.55 of its time, on one without it is slower.
    """

    total_steps: int
    decay_steps: int
    head_steps: int = 150
    warmup_steps: int = 200
    learning_rate: float = 3e-4
    head_learning_rate: float = 6e-4
    head_only_learning_rate: float = 1e-3
    precision: str = "fp32"
    weight_decay: float = 0.01
    clip_norm: float = 1.0
    save_every: int = 100
    report_every: int = 25
    evaluate_every: int = 250

    def scale(self, step: int) -> float:
        """The factor on both rates once the encoder learns: up, level, down to zero."""
        warm = min(1.0, (step - self.head_steps + 1) / max(1, self.warmup_steps))
        fall = min(1.0, (self.total_steps - step) / max(1, self.decay_steps))
        return max(0.0, min(warm, fall))


class PretrainingLoop:
    """Trains ``model`` in place. ``report`` receives every line of the curve."""

    def __init__(
        self,
        model: BertForPreTraining,
        source: BatchSource,
        held_out: list[Batch],
        plan: TrainingPlan,
        work: Path,
        report: Callable[[dict[str, Any]], None],
        probe: ClozeProbe | None = None,
        teacher: Teacher | None = None,
    ) -> None:
        self._model, self._source, self._held_out = model, source, held_out
        self._plan, self._work, self._report, self._probe = plan, work, report, probe
        self._teacher = teacher
        self._optimizer = _build_optimizer(model, plan)
        self.step = self.num_tokens = 0
        self.seconds = 0.0
        self._losses: list[float] = []

    def resume(self, *, from_stable: bool = False) -> bool:
        """Continue from the state in the work folder; False where there is none.

        With ``from_stable``, a training that came to its end goes on from before its fall, if the plan is now
        longer; one that was stopped on its way goes on from where it was.
        """
        path = self._work / STATE_FILE
        if not path.is_file():
            return False
        state = torch.load(path, map_location=self._model.device, weights_only=True)
        planned = state["total_steps"]
        if from_stable and state["step"] >= planned and self._plan.total_steps > planned:
            stable = self._work / STABLE_FILE
            state = torch.load(stable, map_location=self._model.device, weights_only=True)
        self._model.load_state_dict(state["model"])
        self._optimizer.load_state_dict(state["optimizer"])
        self.step, self.num_tokens, self.seconds = state["step"], state["num_tokens"], state["seconds"]
        return True

    def run(self) -> None:
        """Train until the plan's last step; the last line of the curve holds the final figures."""
        self._model.train()
        if self.step == 0:
            self._write_line(self._measure())
        for step in range(self.step, self._plan.total_steps):
            if step == self._plan.total_steps - self._plan.decay_steps:
                self._save(STABLE_FILE)
            began = time.perf_counter()
            self._losses.append(self._train_step(step))
            self.seconds += time.perf_counter() - began
            self.step = step + 1
            self._report_and_save()
        self._save(STATE_FILE)

    def _train_step(self, step: int) -> float:
        batch = self._source.batch(step)
        self._set_rates(step)
        self._optimizer.zero_grad(set_to_none=True)
        with torch.autocast(self._model.device.type, torch.bfloat16, enabled=self._plan.precision == "bf16"):
            loss = pretraining_loss(self._model, batch, self._teacher)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._model.parameters(), self._plan.clip_norm)
        self._optimizer.step()
        self.num_tokens += batch.num_tokens
        return float(loss.detach())

    def _set_rates(self, step: int) -> None:
        plan = self._plan
        only_heads = step < plan.head_steps
        for parameter in self._model.bert.parameters():
            parameter.requires_grad_(not only_heads)
        for group in self._optimizer.param_groups:
            if only_heads:
                group["lr"] = plan.head_only_learning_rate if group["is_head"] else 0.0
            else:
                group["lr"] = plan.scale(step) * (
                    plan.head_learning_rate if group["is_head"] else plan.learning_rate
                )

    def _report_and_save(self) -> None:
        is_evaluation = self.step % self._plan.evaluate_every == 0 or self.step == self._plan.total_steps
        if self.step % self._plan.report_every == 0 or is_evaluation:
            loss = round(sum(self._losses) / len(self._losses), 4)
            self._losses.clear()
            self._write_line({"loss": loss} | (self._measure() if is_evaluation else {}))
        if self.step % self._plan.save_every == 0:
            self._save(STATE_FILE)

    def _write_line(self, figures: dict[str, Any]) -> None:
        line = {"step": self.step, "tokens": self.num_tokens, "seconds": round(self.seconds, 1)} | figures
        with open(self._work / CURVE_FILE, "a", encoding="utf-8") as curve:
            curve.write(json.dumps(line) + "\n")
        self._report(line)

    def _measure(self) -> dict[str, Any]:
        """Held-out figures, and the answers to the cloze sentences where they are asked for."""
        self._model.eval()  # type: ignore[no-untyped-call]  # transformers leaves it untyped
        figures = asdict(evaluate(self._model, self._held_out))
        if self._probe is not None:
            figures["cloze"] = self._probe.answer(self._model)
        self._model.train()
        return figures

    def _save(self, name: str) -> None:
        """Written beside the old file and then renamed: a crash leaves one of the two whole."""
        state = {
            "model": self._model.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "step": self.step,
            "num_tokens": self.num_tokens,
            "seconds": self.seconds,
            "total_steps": self._plan.total_steps,
        }
        temporary = self._work / f"{name}.part"
        torch.save(state, temporary)
        os.replace(temporary, self._work / name)


def pretraining_loss(model: BertForPreTraining, batch: Batch, teacher: Teacher | None = None) -> torch.Tensor:
    """Mean cross-entropy at the chosen tokens plus mean cross-entropy of the pairs (the paper's sum).

    With a teacher, its distance is added.
    """
    outputs = encode(model, batch, hidden_states=teacher is not None)
    logits, next_sentence = apply_heads(model, outputs, batch)
    loss = cross_entropy(logits.float(), torch.from_numpy(batch.mask_labels).to(logits.device))
    labels = torch.from_numpy(batch.next_sentence_labels).to(logits.device)
    if bool((labels != NO_LABEL).any()):
        loss = loss + cross_entropy(next_sentence.float(), labels, ignore_index=NO_LABEL)
    if teacher is not None:
        loss = loss + teacher.loss(model.bert, outputs.hidden_states, batch)
    return loss


def _build_optimizer(model: BertForPreTraining, plan: TrainingPlan) -> torch.optim.AdamW:
    """Weight matrices decay, biases and layer norms do not. The tied decoder counts as encoder."""
    groups: dict[tuple[bool, bool], list[torch.nn.Parameter]] = {}
    for name, parameter in model.named_parameters():  # lists a tied parameter once, as the encoder's
        groups.setdefault((name.startswith("cls."), parameter.ndim > 1), []).append(parameter)
    return torch.optim.AdamW(
        [
            {"params": parameters, "is_head": is_head, "weight_decay": plan.weight_decay if decays else 0.0}
            for (is_head, decays), parameters in groups.items()
        ],
        lr=plan.learning_rate,
        betas=(0.9, 0.98),
        fused=model.device.type in ("cpu", "cuda"),  # measured on CPU: a third of the time of the default
    )
