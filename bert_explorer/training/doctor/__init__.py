"""What may be wrong with labelled texts, before anybody trains on them.

findings         what a finding is, and how its fix is applied
labels           balance, spellings, near misses, classes of one row
texts            empty cells, labels that their texts give away
duplicates       equal and nearly equal texts, contradicting labels, copies across the split
shingles         which texts are nearly equal (MinHash)
memory           is there enough for the run?
tokens           texts longer than the model reads, words that it does not know
examination      all of these on one table

Every check is a pure function on Rows that returns a Finding or None. Nothing is changed unasked.
"""
