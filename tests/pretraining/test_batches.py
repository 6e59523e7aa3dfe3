import numpy as np

from bert_explorer.analysis.corruption import Masking
from bert_explorer.pretraining.batches import BatchSource, SpecialIds, collate
from bert_explorer.pretraining.pairs import Pair
from tests.pretraining.documents import numbered_documents

SPECIAL = SpecialIds(cls=1, sep=2, pad=0)
MASKING = Masking(share=0.15, mask_token_id=3, vocab_size=60_000, first_word_id=10)


def ids(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.uint16)


def test_a_batch_by_hand() -> None:
    pairs = [Pair(ids(10, 11), ids(12), 0), Pair(ids(20), ids(), -100)]
    masking = Masking(share=1.0, mask_token_id=3, vocab_size=60_000, mask_share=1.0, random_share=0.0)
    batch = collate(pairs, masking, SPECIAL, np.random.default_rng(0))
    assert batch.input_ids.tolist() == [[1, 3, 3, 2, 3, 2], [1, 3, 2, 0, 0, 0]]
    assert batch.token_type_ids.tolist() == [[0, 0, 0, 0, 1, 1], [0] * 6]
    assert batch.attention_mask.tolist() == [[1] * 6, [1, 1, 1, 0, 0, 0]]
    assert batch.mask_positions.tolist() == [1, 2, 4, 7]
    assert batch.mask_labels.tolist() == [10, 11, 12, 20]
    assert batch.next_sentence_labels.tolist() == [0, -100]
    assert batch.num_tokens == 9


def make_source(seed: int = 0) -> BatchSource:
    return BatchSource(
        numbered_documents(20, 12, 5), batch_size=4, seq_len=40, masking=MASKING, special=SPECIAL, seed=seed
    )


def test_a_step_has_the_same_batch_however_it_is_reached() -> None:
    walked, asked = make_source(), make_source()
    batches = [walked.batch(step) for step in range(120)]
    assert walked.epoch > 1
    for step in (119, 3, 60):
        assert (asked.batch(step).input_ids == batches[step].input_ids).all()
        assert (asked.batch(step).mask_positions == batches[step].mask_positions).all()


def test_epochs_and_seeds_differ() -> None:
    first, other = make_source().batch(0), make_source(seed=1).batch(0)
    assert first.input_ids.shape != other.input_ids.shape or (first.input_ids != other.input_ids).any()
