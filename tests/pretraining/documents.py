"""Made-up token ids in which every token says where it comes from: 1000 * document + running number."""

import numpy as np

from bert_explorer.pretraining.corpus import TokenizedDocuments


def numbered_documents(
    num_documents: int, sentences: int, length: int, *, connected: bool = True
) -> TokenizedDocuments:
    """Document j has ``sentences`` sentences of ``length`` tokens 1000 j, 1000 j + 1, ..."""
    tokens = sentences * length
    ids = [1000 * j + i for j in range(1, num_documents + 1) for i in range(tokens)]
    return TokenizedDocuments(
        token_ids=np.array(ids, dtype=np.uint16),
        sentence_starts=np.arange(num_documents * sentences + 1) * length,
        document_starts=np.arange(num_documents + 1) * sentences,
        is_connected=np.full(num_documents, connected),
    )
