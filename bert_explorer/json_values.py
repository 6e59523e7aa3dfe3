"""Frozen results as JSON and back: no pickle, and nothing built but the dataclasses that the reader names.

dataclass    {"type": its name, and its fields}
array        {"dtype": ..., "array": nested lists}
mapping      {"pairs": [[key, value], ...]}
tuple        a list
"""

import dataclasses
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

import numpy as np


def to_json(value: Any, decimals: int | None = None) -> Any:
    """``value`` for json.dumps. Floats are rounded to so many ``decimals``, or kept as they are."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return {"type": type(value).__name__} | {
            item.name: to_json(getattr(value, item.name), decimals) for item in fields
        }
    if isinstance(value, np.ndarray):
        rounded = np.round(value, decimals) if value.dtype.kind == "f" and decimals is not None else value
        return {"dtype": value.dtype.name, "array": [to_json(item, decimals) for item in rounded.tolist()]}
    if isinstance(value, np.generic):
        return to_json(value.item(), decimals)
    if isinstance(value, dict):
        return {"pairs": [[to_json(key, decimals), to_json(item, decimals)] for key, item in value.items()]}
    if isinstance(value, (list, tuple)):
        return [to_json(item, decimals) for item in value]
    return round(value, decimals) if isinstance(value, float) and decimals is not None else value


def from_json(value: Any, kinds: Sequence[ModuleType]) -> Any:
    """The inverse of ``to_json``. Lists become tuples; dataclasses are those of the modules ``kinds``.

    Raises ValueError, KeyError or TypeError for what ``to_json`` did not write.
    """
    if isinstance(value, list):
        return tuple(from_json(item, kinds) for item in value)
    if not isinstance(value, Mapping):
        return value
    if "type" in value:
        kind = _find_kind(value["type"], kinds)
        return kind(**{name: from_json(item, kinds) for name, item in value.items() if name != "type"})
    if "dtype" in value:
        return np.array(value["array"], dtype=value["dtype"])
    return {key: from_json(item, kinds) for key, item in value["pairs"]}


def _find_kind(name: str, kinds: Sequence[ModuleType]) -> type:
    for module in kinds:
        kind = vars(module).get(name)
        if isinstance(kind, type) and dataclasses.is_dataclass(kind):
            return kind
    raise ValueError(f"There is no kind of result called '{name}'.")
