from threadpoolctl import ThreadpoolController

from bert_explorer.analysis.anatomy.blas import one_blas_thread


def blas_threads() -> list[int]:
    return [item["num_threads"] for item in ThreadpoolController().select(user_api="blas").info()]


def test_the_threads_come_back_when_the_last_one_leaves() -> None:
    before = blas_threads()
    first, second = one_blas_thread(), one_blas_thread()
    first.__enter__()
    second.__enter__()
    assert set(blas_threads()) == {1}
    first.__exit__(None, None, None)
    assert set(blas_threads()) == {1}
    second.__exit__(None, None, None)
    assert blas_threads() == before
