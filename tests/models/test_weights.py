"""Reading safetensors headers: against the safetensors library, and on spoiled files."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from safetensors import safe_open

from bert_explorer.errors import BrokenModelError, UnsafeModelError
from bert_explorer.models.weights import INDEX, SINGLE, read_header, read_weights

Copy = Callable[[str], Path]


def test_names_shapes_and_sizes_agree_with_the_safetensors_library(checkpoints: Path) -> None:
    folder = checkpoints / "models" / "pretraining"
    table = read_weights(folder)
    with safe_open(folder / SINGLE, "np") as file:
        shapes = {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118
        numbers = sum(file.get_tensor(name).size for name in file.keys())  # noqa: SIM118
    assert table.shapes == shapes
    assert table.num_parameters == numbers
    assert table.size_bytes == (folder / SINGLE).stat().st_size


@pytest.mark.parametrize("kept", [0, 4, 8, 500, -1000, -1])
def test_a_truncated_file_is_found(kept: int, copy_of: Copy) -> None:
    folder = copy_of("bert")
    data = (folder / SINGLE).read_bytes()
    (folder / SINGLE).write_bytes(data[:kept])
    with pytest.raises(BrokenModelError, match=r"Copy the file again|cut off"):
        read_weights(folder)


def test_the_message_about_a_truncated_file_has_both_sizes(copy_of: Copy) -> None:
    folder = copy_of("bert")
    data = (folder / SINGLE).read_bytes()
    (folder / SINGLE).write_bytes(data[:-1])
    with pytest.raises(
        BrokenModelError, match=f"{len(data) - 1:,} bytes and its header announces {len(data):,}"
    ):
        read_weights(folder)


@pytest.mark.parametrize(
    "header",
    [
        b"not json",
        b"[]",
        b'{"x": 3}',
        b'{"x": {"dtype": "F32", "shape": [1]}}',
        b'{"x": {"dtype": "F32", "shape": 4, "data_offsets": [0, 4]}}',
        b'{"x": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}',
        b'{"x": {"dtype": "F32", "shape": [1], "data_offsets": [0, "4"]}}',
        b"\xff\xfe",
    ],
)
def test_a_spoiled_header_is_an_error_of_ours(header: bytes, tmp_path: Path) -> None:
    path = tmp_path / SINGLE
    path.write_bytes(len(header).to_bytes(8, "little") + header + b"0000")
    with pytest.raises(BrokenModelError):
        read_header(path)


def test_a_folder_without_weights_says_what_is_missing(copy_of: Copy) -> None:
    folder = copy_of("bert")
    (folder / SINGLE).unlink()
    with pytest.raises(BrokenModelError, match=r"no weights: model.safetensors is missing"):
        read_weights(folder)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "pytorch_model-00001-of-00002.bin", "model.pt"])
def test_pickle_weights_alone_are_refused(name: str, copy_of: Copy) -> None:
    folder = copy_of("bert")
    (folder / SINGLE).rename(folder / name)
    with pytest.raises(UnsafeModelError, match=r"pickle.*run any code.*save_pretrained"):
        read_weights(folder)


def test_shards_are_read_through_their_index(copy_of: Copy) -> None:
    folder = copy_of("bert")
    whole = read_weights(folder)
    (folder / SINGLE).rename(folder / "model-00001-of-00001.safetensors")
    index = {"weight_map": dict.fromkeys(whole.names, "model-00001-of-00001.safetensors")}
    (folder / INDEX).write_text(json.dumps(index))
    assert read_weights(folder) == whole


@pytest.mark.parametrize(
    ("target", "error"),
    [
        ("../other.safetensors", UnsafeModelError),
        ("/etc/passwd", UnsafeModelError),
        ("weights.bin", UnsafeModelError),
        ("model-00002-of-00002.safetensors", BrokenModelError),
        (7, UnsafeModelError),
    ],
)
def test_an_index_names_safetensors_of_its_own_folder_only(
    target: object, error: type[Exception], copy_of: Copy
) -> None:
    folder = copy_of("bert")
    (folder / SINGLE).unlink()
    (folder / INDEX).write_text(json.dumps({"weight_map": {"x": target}}))
    with pytest.raises(error):
        read_weights(folder)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"weight_map": 3}'])
def test_a_spoiled_index_is_an_error_of_ours(text: str, copy_of: Copy) -> None:
    folder = copy_of("bert")
    (folder / SINGLE).unlink()
    (folder / INDEX).write_text(text)
    with pytest.raises(BrokenModelError, match="cannot be read"):
        read_weights(folder)
