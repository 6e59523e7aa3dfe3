import numpy as np
import pytest

from bert_explorer.analysis.corruption import Masking

MASKING = Masking(share=0.15, mask_token_id=3, vocab_size=60_000, first_word_id=10)


def test_corruption_follows_the_shares_of_the_paper() -> None:
    input_ids = np.arange(1_000, 51_000)
    is_special = np.zeros(50_000, dtype=bool)
    is_special[::10] = True
    corruption = MASKING.corrupt(input_ids, is_special, np.random.default_rng(0))
    assert len(corruption.positions) == round(0.15 * 45_000)
    assert not is_special[corruption.positions].any()
    assert (corruption.labels == input_ids[corruption.positions]).all()
    now = corruption.input_ids[corruption.positions]
    is_mask, is_same = now == 3, now == corruption.labels
    assert is_mask.mean() == pytest.approx(0.8, abs=0.02)
    assert is_same.mean() == pytest.approx(0.1, abs=0.015)
    assert (~is_mask & ~is_same).mean() == pytest.approx(0.1, abs=0.015)
    untouched = np.setdiff1d(np.arange(50_000), corruption.positions)
    assert (corruption.input_ids[untouched] == input_ids[untouched]).all()
