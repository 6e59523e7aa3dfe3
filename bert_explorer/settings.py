"""All settings, read once from the environment into one frozen object.

Every field can be set by an environment variable: ``BERT_EXPLORER_`` and the field's name in
capitals (``BERT_EXPLORER_DEVICE=cpu``). What is not set has the default below, which suits one
laptop with 8 GB of memory.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

from bert_explorer.errors import SettingsError

PREFIX = "BERT_EXPLORER_"
REPOSITORY = Path(__file__).resolve().parent.parent
BUNDLED_MODEL = "explorer-bert"
DEVICES = ("auto", "cpu", "cuda", "mps")
BOOLEANS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
MB = 1_000_000


@dataclass(frozen=True)
class Settings:
    """Paths, limits and choices. Sizes in bytes, times in seconds."""

    home: Path = field(default_factory=lambda: Path.home() / ".bert-explorer")  # runs, models, database
    assets: Path = REPOSITORY / "assets"
    database_url: str = ""  # any SQLAlchemy URL; empty: a SQLite file in `home`
    hub_cache: Path | None = None  # empty: Hugging Face's own default
    hub_endpoint: str = ""  # empty: Hugging Face's own default
    offline: bool = False  # never ask the hub, open only what is on this disk
    device: str = "auto"  # auto, cpu, cuda or mps
    num_threads: int = 0  # of torch; 0: torch's own default

    max_models_bytes: int = 4_000 * MB  # weights kept in memory, all models together
    max_results_bytes: int = 200 * MB  # answers kept for equal questions
    max_queue: int = 256  # waiting requests a model
    deadline_s: float = 120.0  # for one request
    max_batch_tokens: int = 8_192  # padded tokens in one forward pass

    max_upload_bytes: int = 20 * MB
    max_upload_rows: int = 20_000
    max_import_bytes: int = 2_000 * MB  # of an exported model that comes back, unpacked
    max_text_chars: int = 200_000  # in one text box or cell
    max_masks: int = 32
    max_running_runs: int = 1
    max_queued_runs: int = 50
    checkpoint_interval_s: float = 60.0  # between two checkpoints of a run
    record_films: bool = True  # keep moments of each training, to be watched again
    max_frozen_bytes: int = 2_000 * MB  # outputs of frozen layers kept on the disk while a run trains

    def __post_init__(self) -> None:
        if self.device not in DEVICES:
            raise SettingsError(f"{PREFIX}DEVICE is '{self.device}'. Choose one of: {', '.join(DEVICES)}.")
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                lowest = 0 if item.name == "num_threads" else 1
                if value < lowest:
                    variable = PREFIX + item.name.upper()
                    raise SettingsError(f"{variable} is {value}. It must be at least {lowest}.")

    @property
    def bundled_model_path(self) -> Path:
        return self.assets / "models" / BUNDLED_MODEL

    @property
    def runs_path(self) -> Path:
        return self.home / "runs"

    @property
    def local_models_path(self) -> Path:
        """Folders in here are offered as ``local:NAME``."""
        return self.home / "models"

    @property
    def resolved_database_url(self) -> str:
        return self.database_url or f"sqlite:///{self.home / 'explorer.sqlite3'}"


def load_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings from environment variables. Raises SettingsError that names the variable."""
    values: dict[str, Any] = {}
    for item in fields(Settings):
        text = environment.get(PREFIX + item.name.upper())
        if text is not None and text.strip():
            values[item.name] = _parse(PREFIX + item.name.upper(), text.strip(), item.type)
    return Settings(**values)


@cache
def get_settings() -> Settings:
    """The settings of this process, read at the first call."""
    return load_settings()


def _parse(variable: str, text: str, kind: Any) -> Any:
    try:
        if kind is bool:
            return BOOLEANS[text.lower()]
        if kind is int:
            return int(text.replace("_", ""))
        if kind is float:
            return float(text)
        if kind is str:
            return text
        return Path(text).expanduser().absolute()
    except (KeyError, ValueError):
        expected = {bool: "true or false", int: "a whole number", float: "a number"}[kind]
        raise SettingsError(f"{variable} is '{text}'. It must be {expected}.") from None
