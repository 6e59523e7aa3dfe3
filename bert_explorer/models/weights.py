"""The table of contents of safetensors files, read without torch and without the tensors.

A safetensors file is: 8 bytes (little endian) holding N, then N bytes of JSON that map each name to
``{"dtype", "shape", "data_offsets": [begin, end]}``, then the data. So a few kilobytes tell every name and
shape, and whether the file is whole: its size must be 8 + N + the largest ``end``.
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bert_explorer.errors import BrokenModelError, UnsafeModelError

SINGLE = "model.safetensors"
INDEX = "model.safetensors.index.json"
PICKLES = ("pytorch_model*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl", "*.pickle")
MAX_HEADER_BYTES = 100_000_000  # the format's own limit
FLOATS = ("F64", "F32", "F16", "BF16")


@dataclass(frozen=True)
class WeightTable:
    """Names, shapes and types of all tensors of one checkpoint, and its bytes on disk."""

    shapes: dict[str, tuple[int, ...]]
    dtypes: dict[str, str]
    size_bytes: int

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self.shapes)

    @property
    def num_parameters(self) -> int:
        """Numbers in the float tensors; integer tensors are bookkeeping such as position ids."""
        return sum(math.prod(shape) for name, shape in self.shapes.items() if self.dtypes[name] in FLOATS)


def read_weights(folder: Path) -> WeightTable:
    """Read the headers of all safetensors files of a checkpoint and check that each file is whole.

    Raises UnsafeModelError where there are pickle weights only, BrokenModelError where files are
    missing, truncated or unreadable.
    """
    shapes: dict[str, tuple[int, ...]] = {}
    dtypes: dict[str, str] = {}
    size_bytes = 0
    for path in weight_files(folder):
        for name, entry in read_header(path).items():
            shapes[name] = tuple(entry["shape"])
            dtypes[name] = entry["dtype"]
        size_bytes += path.stat().st_size
    return WeightTable(shapes, dtypes, size_bytes)


def weight_files(folder: Path) -> list[Path]:
    """The safetensors files of a checkpoint: one file, or the shards that its index names."""
    if (folder / SINGLE).is_file():
        return [folder / SINGLE]
    if (folder / INDEX).is_file():
        return _shards(folder)
    if any(True for pattern in PICKLES for _ in folder.glob(pattern)):
        raise UnsafeModelError(
            f"'{folder.name}' has only pickle weights, and opening those can run any code. "
            "Ask its author for safetensors, or convert it where you trust it: "
            "AutoModel.from_pretrained(...).save_pretrained(...) writes model.safetensors."
        )
    raise BrokenModelError(
        f"'{folder.name}' has no weights: {SINGLE} is missing. Copy the whole model again."
    )


def _shards(folder: Path) -> list[Path]:
    try:
        names = set(json.loads((folder / INDEX).read_text("utf-8"))["weight_map"].values())
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        raise BrokenModelError(f"{INDEX} of '{folder.name}' cannot be read. Copy the model again.") from None
    if any(not isinstance(name, str) or Path(name).name != name for name in names):
        raise UnsafeModelError(
            f"{INDEX} of '{folder.name}' names files outside its folder. Do not use this model."
        )
    if any(not name.endswith(".safetensors") for name in names):
        raise UnsafeModelError(f"{INDEX} of '{folder.name}' names weights that are not safetensors.")
    missing = sorted(name for name in names if not (folder / name).is_file())
    if missing:
        raise BrokenModelError(f"'{folder.name}' lacks {', '.join(missing)}. Copy the whole model again.")
    return [folder / name for name in sorted(names)]


def read_header(path: Path) -> dict[str, Any]:
    """The entries of one file's header. Raises BrokenModelError where the file is not whole."""
    size = path.stat().st_size
    with path.open("rb") as file:
        header_bytes = int.from_bytes(file.read(8), "little")
        if size < 8 or header_bytes > min(size - 8, MAX_HEADER_BYTES):
            raise BrokenModelError(f"{path.name} is not a safetensors file, or its beginning is cut off.")
        text = file.read(header_bytes)
    try:
        entries = json.loads(text)
        entries.pop("__metadata__", None)
        end = max((entry["data_offsets"][1] for entry in entries.values()), default=0)
        whole = all(
            isinstance(entry["dtype"], str) and _is_shape(entry["shape"]) for entry in entries.values()
        )
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        raise BrokenModelError(f"The header of {path.name} cannot be read. Copy the file again.") from None
    if not whole or not isinstance(end, int):
        raise BrokenModelError(f"The header of {path.name} contradicts itself. Copy the file again.")
    expected = 8 + header_bytes + end
    if size != expected:
        raise BrokenModelError(
            f"{path.name} is damaged: it has {size:,} bytes and its header announces {expected:,}. "
            "A copy or download probably stopped early. Copy the file again."
        )
    return dict(entries)


def _is_shape(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, int) and item >= 0 for item in value)
