import errno

import pytest

from bert_explorer.errors import DataError
from bert_explorer.training.failures import explain_failure


def wrapped(cause: Exception) -> Exception:
    try:
        raise RuntimeError("while saving") from cause
    except RuntimeError as error:
        return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (DataError("The text is empty.", line=3), "Line 3: The text is empty."),
        (MemoryError(), "ran out of memory"),
        (RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"), "ran out of memory"),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), "ran out of memory"),
        (OSError(errno.ENOSPC, "No space left on device"), "disk is full"),
        (wrapped(OSError(errno.EDQUOT, "quota")), "disk is full"),
        (RuntimeError("Error while serializing: I/O error: No space left on device"), "disk is full"),
        (KeyError("x\ny"), "nobody foresaw (KeyError: 'x\\ny')"),
        (ValueError(), "(ValueError: no message)"),
    ],
)
def test_explanations(error: Exception, words: str) -> None:
    assert words in explain_failure(error)
