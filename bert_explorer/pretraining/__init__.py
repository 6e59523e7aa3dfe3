"""How the bundled BERT is made: plain text -> token ids -> masked sentence pairs -> trained weights.

    corpus.py      files -> documents -> sentences -> token ids, split into training and held-out
    pairs.py       documents -> sentence pairs, half of them true neighbours
    batches.py     an epoch as a fixed list of batches, and one batch as padded arrays
    starting.py    a BertForPreTraining from the weights of an encoder without heads
    preparation.py what a training reads and is measured on, from files and folders
    teacher.py     an encoder that the trained one stays near to
    training.py    the loop: optimiser, schedule, checkpoints, curve
    evaluation.py  held-out accuracy, perplexity and next-sentence accuracy
    mixing.py      weights between a training and the encoder that it began with, or an earlier version
    word_relations.py  WordNet's capitals and opposites as sentences
    cloze.py, habits.py  fixed sentences that are answered on the way, and at the end
    export.py      the finished model as a Hugging Face folder
    card.py        its model card, written from the figures of its training
    cli.py         the command `python -m bert_explorer pretrain`

Everything random is drawn from generators seeded by (seed, epoch) or (seed, step), so that a
training resumed at any step continues with the very batches that it would have had.
"""
