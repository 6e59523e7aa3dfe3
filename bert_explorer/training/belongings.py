"""What an exported model takes with it: run.json, predict.py, and the name of the file it learned from.

run.json is what an import reads; predict.py works without this project.
"""

import json
import shutil
from pathlib import Path
from typing import Any

from bert_explorer.training.run import Run

MANIFEST = "run.json"
SCRIPT = "predict.py"
CARD = "README.md"
FORMAT = 1
STANDALONE = Path(__file__).parent / "standalone"
SCRIPTS = {  # task -> the program of a few lines that becomes predict.py; none for a pretrained model
    "text-classification": "sort_texts.py",
    "multi-label": "label_texts.py",
    "regression": "give_numbers.py",
    "token-classification": "tag_words.py",
    "question-answering": "find_answers.py",
}
DATA_NOTE = """
## What it learned from

The file `{filename}`, SHA-256 `{sha256}`: whoever has the file can check that it is this one.
"""


def add_belongings(run: Run, folder: Path) -> None:
    """Writes them into an exported copy of the run's model."""
    sha256 = (run.metrics or {}).get("data_sha256")
    (folder / MANIFEST).write_text(json.dumps(describe(run), indent=2), encoding="utf-8")
    if run.config.task in SCRIPTS:
        shutil.copy(STANDALONE / SCRIPTS[run.config.task], folder / SCRIPT)
    if sha256 is not None and (folder / CARD).is_file():
        name = "".join(character for character in run.filename if character not in "`\r\n")
        with (folder / CARD).open("a", encoding="utf-8") as card:
            card.write(DATA_NOTE.format(filename=name, sha256=sha256))


def describe(run: Run) -> dict[str, Any]:
    """The run without its owner, its place on this computer and its notes."""
    return {
        "format": FORMAT,
        "name": run.name,
        "task": run.config.task,
        "filename": run.filename,
        "created_at": run.created_at.isoformat(),
        "labels": list(run.labels),
        "config": json.loads(run.config.to_json()),
        "metrics": run.metrics,
    }
