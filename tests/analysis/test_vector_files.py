import io
import pickle

import numpy as np
import pandas as pd
import pytest

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
    with pytest.raises(DataError, match=r"27,000,000 numbers|no \.npy file"):
        read_vectors("a.npy", bomb)


def test_labels_come_in_the_order_of_the_vectors() -> None:
    file = read_vectors("a.npy", npy(VECTORS))
    assert attach_labels(file, ["cat ", "dog"]).labels == ("cat", "dog")
    with pytest.raises(DataError, match="1 labels and 2 vectors"):
        attach_labels(file, ["cat"])
