"""Similarity, Search and Groups as programs that print what their pages show."""

from bert_explorer.ui.embedding_questions import TextsQuestion
from bert_explorer.ui.questions import write_texts


def matrix_code(question: TextsQuestion, model: str, *, centre: bool) -> str:
    """All cosines of the texts with each other."""
    return f"""\
from bert_explorer.analysis.similarity import collection_mean, compute_similarities
{_embed(question, model)}
vectors = vectors - collection_mean(vectors, centre={centre})
for row in compute_similarities(vectors, vectors):
    print(" ".join(f"{{cosine:6.3f}}" for cosine in row))
"""


def search_code(question: TextsQuestion, query: str, model: str, *, count: int, centre: bool) -> str:
    """The texts nearest to the query."""
    return f"""\
from bert_explorer.analysis.similarity import find_nearest
{_embed(question, model, query)}
for match in find_nearest(vectors[0], vectors[1:], {count}, centre={centre}):
    print(f"{{match.cosine:.3f}}  {{texts[match.row + 1]}}")
"""


def groups_code(question: TextsQuestion, model: str, *, method: str, number: int) -> str:
    """Size and distinctive words of each group."""
    return f"""\
from bert_explorer.analysis.clusters import cluster_texts
{_embed(question, model)}
groups = cluster_texts(texts, vectors, method={method!r}, num_clusters={number}, min_size={number})
for group in groups:
    print(group.number, len(group.rows), [word for word, _ in group.words])
"""


def _embed(question: TextsQuestion, model: str, *first: str) -> str:
    """Lines that leave ``texts`` and their ``vectors``, those of ``first`` before the others."""
    return f"""\
from bert_explorer.analysis.embeddings import embed_texts
from bert_explorer.models.cache import open_model

{write_texts((*first, *question.texts))}
with open_model({model!r}) as engine:
    vectors = embed_texts(
        engine, texts, layer={question.layer}, pooling={question.pooling!r}, windows=True
    ).vectors"""
