"""The text that names a model, parsed: ``bundled``, ``run:ID``, ``local:NAME``, ``org/name[@revision]``.

>>> parse_reference("google-bert/bert-base-cased@main")
ModelReference(kind='hub', name='google-bert/bert-base-cased', revision='main')

A reference never is a path or a URL. A folder is opened by putting it into ``Settings.local_models_path``;
a hub id is always looked up on the hub, even where a folder of that name lies in the working directory.
"""

import re
from dataclasses import dataclass
from typing import Literal

from bert_explorer.errors import ModelReferenceError

Kind = Literal["bundled", "run", "local", "hub"]
FORMS = "Write 'bundled', 'run:ID', 'local:NAME' or a hub id such as 'google-bert/bert-base-uncased'."
MAX_LENGTH = 200

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}")
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
_REVISION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}")
_PATH = re.compile(r"[/~.\\]|[A-Za-z]:[\\/]")


@dataclass(frozen=True)
class ModelReference:
    """``name`` is the run's id, the local folder's name or the hub id; empty for ``bundled``."""

    kind: Kind
    name: str = ""
    revision: str | None = None

    def __str__(self) -> str:
        if self.kind == "bundled":
            return "bundled"
        if self.kind == "hub":
            return self.name if self.revision is None else f"{self.name}@{self.revision}"
        return f"{self.kind}:{self.name}"


def parse_reference(text: str) -> ModelReference:
    """Parse a reference; ``str()`` gives it back. Raises ModelReferenceError that says what to write."""
    text = text.strip()
    if not text or len(text) > MAX_LENGTH:
        raise ModelReferenceError(f"A model name has 1 to {MAX_LENGTH} characters, not {len(text)}. {FORMS}")
    if text == "bundled":
        return ModelReference("bundled")
    _refuse_urls_and_paths(text)
    kind, colon, name = text.partition(":")
    if colon and kind in ("run", "local"):
        return ModelReference("run" if kind == "run" else "local", _checked_name(kind, name))
    return _parse_hub_id(text)


def _refuse_urls_and_paths(text: str) -> None:
    if "://" in text:
        raise ModelReferenceError(f"'{text}' is a URL. Give the hub id alone, such as 'org/name'.")
    if _PATH.match(text) or "\\" in text:
        raise ModelReferenceError(
            f"'{text}' is a path. Copy the folder into the models folder of BERT Explorer's home "
            "(~/.bert-explorer/models unless set otherwise) and open it as 'local:NAME'."
        )


def _checked_name(kind: str, name: str) -> str:
    if not _NAME.fullmatch(name) or ".." in name:
        raise ModelReferenceError(
            f"'{kind}:{name}' is not a reference: after '{kind}:' come letters, digits, '.', '_' and '-', "
            "a letter or digit first."
        )
    return name


def _parse_hub_id(text: str) -> ModelReference:
    name, at, revision = text.partition("@")
    bad_end = any(part.endswith((".", "-")) for part in name.split("/"))  # the hub's own rule
    if not _HUB_ID.fullmatch(name) or ".." in name or "--" in name or name.endswith(".git") or bad_end:
        raise ModelReferenceError(f"'{text}' is not a model reference. {FORMS}")
    if at and (not _REVISION.fullmatch(revision) or ".." in revision):
        raise ModelReferenceError(
            f"'{revision}' is not a revision: give a branch, a tag or a commit after '@'."
        )
    return ModelReference("hub", name, revision if at else None)
