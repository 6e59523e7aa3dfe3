import io
import pickle

import numpy as np
import pandas as pd
import pytest

from bert_explorer.analysis import vector_files
from bert_explorer.analysis.vector_files import attach_labels, read_vectors
from bert_explorer.errors import DataError
from bert_explorer.settings import Settings

VECTORS = np.array([[1, 2.5, 3], [4, 5, 6.25]], dtype=np.float64)


def npy(array: np.ndarray, **options: bool) -> bytes:
    file = io.BytesIO()
    np.save(file, array, **options)
    return file.getvalue()


def parquet(frame: pd.DataFrame) -> bytes:
    file = io.BytesIO()
    frame.to_parquet(file)
    return file.getvalue()


def test_npy_holds_rows_of_numbers() -> None:
    found = read_vectors("a.npy", npy(VECTORS))
    np.testing.assert_array_equal(found.vectors, VECTORS)
    assert found.vectors.dtype == np.float32
    assert found.items == ("row 1", "row 2")
    assert found.labels is None


def test_a_table_gives_vectors_labels_and_names() -> None:
    frame = pd.DataFrame(
        {"x": [1, 2, 3, 4], "label": list("abab"), "y": [0.5, 1, 2, 3], "text": ["first one", "b", "c", "d"]}
    )
    for name, content in (("a.csv", frame.to_csv(index=False).encode()), ("a.parquet", parquet(frame))):
        found = read_vectors(name, content)
        np.testing.assert_allclose(found.vectors, frame[["x", "y"]].to_numpy())
        assert found.labels == ("a", "b", "a", "b")
        assert found.items[0] == "first one"


def test_parquet_may_hold_each_vector_in_one_cell() -> None:
    frame = pd.DataFrame({"vector": list(VECTORS), "word": ["cat", "dog"]})
    found = read_vectors("a.parquet", parquet(frame))
    np.testing.assert_allclose(found.vectors, VECTORS)
    assert found.items == ("cat", "dog")


def test_a_label_of_numbers_is_no_part_of_the_vectors() -> None:
    found = read_vectors("a.csv", b"x,y,label\n1,2,0\n3,4,1\n")
    np.testing.assert_array_equal(found.vectors, [[1, 2], [3, 4]])
    assert found.labels == ("0", "1")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.npy", npy(np.array([["a", 1]], dtype=object), allow_pickle=True), "pickled objects"),
        ("a.npy", npy(np.arange(3)), "must have two axes"),
        ("a.npy", npy(np.array([["a", "b"]])), "hold numbers"),
        ("a.npy", b"no array", "no .npy file"),
        ("a.npy", npy(VECTORS)[:-8], "no .npy file"),
        ("a.npy", npy(np.zeros((0, 3))), "no numbers"),
        ("a.npy", pickle.dumps(VECTORS), "no .npy file"),
        ("a.csv", b"text\nhello\n", "no numbers"),
        ("a.csv", b"", "cannot be read"),
        ("a.parquet", b"PAR1", "no .parquet file"),
        ("a.pkl", b"", "Upload one of"),
    ],
)
def test_files_without_vectors_are_refused(name: str, content: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_vectors(name, content)


def test_sizes_are_limited(settings: Settings) -> None:
    small = Settings(home=settings.home, max_upload_bytes=100)
    with pytest.raises(DataError, match="at most"):
        read_vectors("a.npy", npy(VECTORS), small)
    bomb = npy(VECTORS).replace(b"(2, 3)", b"(9000000, 3)")
    with pytest.raises(DataError, match=r"27,000,000 values|no \.npy file"):
        read_vectors("a.npy", bomb)


def test_values_of_a_parquet_file_are_counted_before_they_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.BytesIO()
    frame = pd.DataFrame({"vector": [np.zeros(10)] * 5, "word": list("abcde")})
    frame.to_parquet(file, row_group_size=2)
    monkeypatch.setattr(vector_files, "MAX_VALUES", 55)
    assert read_vectors("a.parquet", file.getvalue()).vectors.shape == (5, 10)
    monkeypatch.setattr(vector_files, "MAX_VALUES", 54)
    monkeypatch.delattr("pyarrow.parquet.ParquetFile.read")
    with pytest.raises(DataError, match="holds 55 values; at most 54"):
        read_vectors("a.parquet", file.getvalue())


def test_a_cell_is_not_spread_over_any_number_of_columns() -> None:
    with pytest.raises(DataError, match="'vector' holds 8,193 numbers; at most 8,192"):
        read_vectors("a.parquet", parquet(pd.DataFrame({"vector": [np.zeros(8_193)]})))
    assert read_vectors("a.parquet", parquet(pd.DataFrame({"v": [np.zeros(8_192)]}))).vectors.shape[1] == 8192


def test_labels_come_in_the_order_of_the_vectors() -> None:
    file = read_vectors("a.npy", npy(VECTORS))
    assert attach_labels(file, ["cat ", "dog"]).labels == ("cat", "dog")
    with pytest.raises(DataError, match="1 labels and 2 vectors"):
        attach_labels(file, ["cat"])
