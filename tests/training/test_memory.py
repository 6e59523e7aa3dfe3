import dataclasses
from pathlib import Path

import pytest

from bert_explorer.models.inspection import inspect_folder
from bert_explorer.training import memory
from bert_explorer.training.config import FineTuneConfig
from bert_explorer.training.memory import PROCESS_BYTES, available_memory_bytes, estimate_memory_bytes

CONFIG = FineTuneConfig(text_column="text", label_column="label", batch_size=4)


def test_the_estimate_by_hand(tiny_bert: Path) -> None:
    info = inspect_folder(tiny_bert, "local:x", "x")
    info = dataclasses.replace(info, num_parameters=100_000)
    kept = 17 * 4 * 20 * 32 * 2  # numbers * batch * tokens * hidden * layers
    expected = PROCESS_BYTES + 4 * (100_000 * 4 + kept)
    assert estimate_memory_bytes(10, CONFIG, info) == expected
    frozen = dataclasses.replace(CONFIG, freeze="1")
    learning = 12 * 32**2 * 2  # one layer, and as much for the head
    assert estimate_memory_bytes(10, frozen, info) == PROCESS_BYTES + 4 * (100_000 + 3 * learning + kept // 2)


def test_what_is_free_is_read_or_unknown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "meminfo").write_text("MemTotal: 9 kB\nMemAvailable:       7 kB\n")
    monkeypatch.setattr(memory, "MEMINFO", tmp_path / "meminfo")
    assert available_memory_bytes() == 7 * 1024
    monkeypatch.setattr(memory, "MEMINFO", tmp_path / "nothing")
    assert available_memory_bytes() is None
