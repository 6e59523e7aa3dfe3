"""The tokens that a model knows, by id and by name, read from the tokenizer file beside its weights.

An ``Engine`` gives ids and logits; this names them. The file is read once a model, without the
tokenizer that the engine's thread owns.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tokenizers import Tokenizer

from bert_explorer.errors import BrokenModelError
from bert_explorer.models.catalog import find_folder
from bert_explorer.models.reference import parse_reference
from bert_explorer.results import ModelInfo
from bert_explorer.settings import get_settings

KEPT_VOCABULARIES = 4  # some 20 MB each for a multilingual one


@dataclass(frozen=True)
class Vocabulary:
    """``tokens[i]`` is the token with id i; ``ids`` is its inverse."""

    tokens: tuple[str, ...]
    ids: Mapping[str, int]


def load_vocabulary(info: ModelInfo) -> Vocabulary:
    """The vocabulary of a model, as long as its logits. Raises BrokenModelError without its file."""
    folder = find_folder(parse_reference(info.ref), get_settings())
    for name in ("tokenizer.json", "vocab.txt"):
        path = folder / name
        if path.is_file():
            return _read_vocabulary(path, path.stat().st_mtime_ns, info.vocab_size)
    raise BrokenModelError(
        f"'{info.name}' has no tokenizer.json, which names its tokens. Save its tokenizer again with "
        "transformers (tokenizer.save_pretrained), and open the model again."
    )


def name_tokens(ids: Mapping[str, int], vocab_size: int) -> tuple[str, ...]:
    """Names by id. Some models have more rows than tokens, to fill a round number: ``[row 30521]``."""
    names = [f"[row {i}]" for i in range(vocab_size)]
    for token, token_id in ids.items():
        if token_id < vocab_size:
            names[token_id] = token
    return tuple(names)


@lru_cache(maxsize=KEPT_VOCABULARIES)
def _read_vocabulary(path: Path, _changed_at: int, vocab_size: int) -> Vocabulary:
    if path.suffix == ".json":
        ids = Tokenizer.from_file(str(path)).get_vocab(with_added_tokens=True)
    else:
        lines = path.read_text(encoding="utf-8").split("\n")
        ids = {line.rstrip("\r"): i for i, line in enumerate(lines) if line}
    return Vocabulary(name_tokens(ids, vocab_size), ids)
