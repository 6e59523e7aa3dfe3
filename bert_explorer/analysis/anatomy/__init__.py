"""A BERT encoder recomputed step by step in numpy, from its weights alone: embeddings to word.

One module a part, each with its formula, the shapes, and a case of 2 tokens, 2 dimensions and 1 head worked
out on paper. The model layer gives weights and, for comparison, what its own modules computed; no line of
the recomputation is shared with it.

    arithmetic      linear maps, layer norm, softmax, GELU
    embeddings      word + position + segment, norm
    attention       query, key, value, scores, weights, mixture
    encoder         one whole layer
    word_head       from the last hidden state to the vocabulary
    walk            asks an engine, recomputes, compares with the model's own numbers
    order           what changes when two words change places

Vaswani et al. 2017 (sections 3.1 to 3.5) and Devlin et al. 2019 (section 3); families that differ from BERT
are named where they do.
"""
