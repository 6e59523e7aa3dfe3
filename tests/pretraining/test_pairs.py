import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bert_explorer.pretraining.corpus import TokenizedDocuments
from bert_explorer.pretraining.pairs import IS_NEXT, NO_LABEL, NOT_NEXT, build_pairs
from tests.pretraining.documents import numbered_documents


def test_true_neighbours_follow_each_other_and_false_ones_come_from_elsewhere() -> None:
    pairs = build_pairs(numbered_documents(40, 30, 5), seq_len=40, seed=(0,))
    for pair in pairs:
        if pair.label == IS_NEXT:
            assert pair.second[0] == pair.first[-1] + 1
        elif pair.label == NOT_NEXT:
            assert pair.second[0] // 1000 != pair.first[0] // 1000
        else:
            assert len(pair.second) == 0
    labels = np.array([pair.label for pair in pairs])
    share = (labels == IS_NEXT).sum() / (labels != NO_LABEL).sum()
    assert 0.42 < share < 0.58


def test_the_length_of_a_pair_does_not_tell_its_label() -> None:
    generator = np.random.default_rng(0)
    lengths = generator.integers(3, 40, 40 * 60)
    documents = TokenizedDocuments(
        token_ids=np.zeros(lengths.sum(), dtype=np.uint16),
        sentence_starts=np.concatenate([[0], np.cumsum(lengths)]),
        document_starts=np.arange(41) * 60,
        is_connected=np.ones(40, dtype=bool),
    )
    found = [
        p for seed in range(6) for p in build_pairs(documents, seq_len=120, seed=(seed,)) if len(p.second)
    ]
    lengths_of = {
        label: np.array([pair.seq_len for pair in found if pair.label == label])
        for label in (IS_NEXT, NOT_NEXT)
    }
    for bound in (40, 70, 100):
        shares = [(lengths < bound).mean() for lengths in lengths_of.values()]
        assert abs(shares[0] - shares[1]) < 0.05, bound


def test_every_sentence_is_read_at_least_once_an_epoch() -> None:
    documents = numbered_documents(10, 20, 4)
    pairs = build_pairs(documents, seq_len=200, seed=(3,))
    read = np.unique(np.concatenate([np.concatenate([p.first, p.second]) for p in pairs]))
    assert read.tolist() == sorted(documents.token_ids.tolist())


def test_unconnected_sentences_have_no_label_and_none_is_lost() -> None:
    documents = numbered_documents(3, 10, 4, connected=False)
    pairs = build_pairs(documents, seq_len=30, seed=(0,))
    assert {pair.label for pair in pairs} == {NO_LABEL}
    assert np.concatenate([p.first for p in pairs]).tolist() == documents.token_ids.tolist()


@given(length=st.integers(1, 60), seq_len=st.integers(16, 64), seed=st.integers(0, 99))
def test_no_pair_is_longer_than_the_sequence(length: int, seq_len: int, seed: int) -> None:
    for pair in build_pairs(numbered_documents(3, 8, length), seq_len=seq_len, seed=(seed,)):
        assert pair.seq_len <= seq_len
        assert len(pair.first) > 0
        assert (len(pair.second) > 0) == (pair.label != NO_LABEL)
