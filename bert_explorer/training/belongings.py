"""What an exported model takes with it: run.json, predict.py, and the name of the file it learned from.

run.json is what an import reads; predict.py works without this project.
"""

import json
from pathlib import Path
from typing import Any

from bert_explorer.training.run import Run

MANIFEST = "run.json"
SCRIPT = "predict.py"
CARD = "README.md"
FORMAT = 1
SCRIPTS = {  # task -> a program of a few lines; tasks without one are opened as their card says
    "text-classification": '''"""Sort texts: python predict.py FILE

FILE has one text a line; the two texts of a pair stand on one line with a tab between them.
Prints label, probability and text. Needs the packages transformers and torch.
"""

import sys
from pathlib import Path

from transformers import pipeline

classify = pipeline("text-classification", model=str(Path(__file__).parent))
for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines():
    text, _, pair = line.partition("\\t")
    (answer,) = classify([{"text": text, "text_pair": pair} if pair else text], truncation=True)
    print(answer["label"], f"{answer['score']:.4f}", line, sep="\\t")
''',
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
        (folder / SCRIPT).write_text(SCRIPTS[run.config.task], encoding="utf-8")
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
