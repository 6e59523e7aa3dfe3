"""The question that each page opens with: what the stored answers answer."""

from typing import Any

from bert_explorer.analysis.sense_sets import SETS
from bert_explorer.results import Capability
from bert_explorer.settings import get_settings
from bert_explorer.ui.attention_questions import AttentionQuestion, SummariesQuestion
from bert_explorer.ui.collections import parse_lines, read_example
from bert_explorer.ui.embedding_questions import FilmQuestion, SensesQuestion, TagsQuestion, TextsQuestion
from bert_explorer.ui.explain_questions import ExplainQuestion
from bert_explorer.ui.head_inputs import sample_lines
from bert_explorer.ui.head_questions import AblationQuestion, AtlasQuestion, RelationsQuestion
from bert_explorer.ui.inside_question import StopQuestion
from bert_explorer.ui.masked_questions import MaskedWordsQuestion
from bert_explorer.ui.pretraining_questions import NextSentenceQuestion, PairsQuestion, RestorationQuestion
from bert_explorer.ui.questions import Question
from bert_explorer.ui.sentence_questions import CalibrationQuestion, TextScoreQuestion
from bert_explorer.ui.texts import (
    ablation,
    attention,
    explain,
    heads,
    inside,
    masked_words,
    pretraining,
    sentence_scores,
    similarity,
    start,
)

BUNDLED_OFF = ((1, 8), (2, 8))  # ablation.DEFAULT_OFF, counted from 0
BUNDLED_LAYERS = 6  # the page opens with the last layer of the model
INSIDE_QUESTION = StopQuestion(
    inside.EXAMPLES[0].text,
    None,
    next(iter(inside.STOPS)),
    layer=inside.DEFAULT_LAYER - 1,
    head=inside.DEFAULT_HEAD - 1,
    token=inside.DEFAULT_TOKEN - 1,
)
START_QUESTION = MaskedWordsQuestion(start.EXAMPLE_TEXT, top_k=5)


def opening_questions() -> dict[str, Question[Any]]:
    """Name of the stored file -> the question."""
    return {
        "start": START_QUESTION,
        "masked-words": MaskedWordsQuestion(masked_words.EXAMPLES[0].text, masked_words.DEFAULT_TOP_K),
        "calibration": CalibrationQuestion(),
        "sentence-score": TextScoreQuestion(next(iter(sentence_scores.EXAMPLES.values()))),
        "next-sentence": NextSentenceQuestion(
            masked_words.NEXT_EXAMPLES[0].first, masked_words.NEXT_EXAMPLES[0].second
        ),
        "attention": AttentionQuestion(attention.EXAMPLES[0].text),
        "attention-other": AttentionQuestion(attention.OTHER_TEXT),
        "attention-summaries": SummariesQuestion(attention.EXAMPLES[0].text),
        "explain": ExplainQuestion(explain.EXAMPLES[Capability.MASKED_LM][0].text),
        "heads": AtlasQuestion(tuple(sample_lines(get_settings()).splitlines())),
        "relations": RelationsQuestion(heads.RELATION_SENTENCES),
        "ablation": AblationQuestion(ablation.EXAMPLES[0].text, BUNDLED_OFF),
        "inside": INSIDE_QUESTION,
        "embeddings": TextsQuestion(parse_lines(read_example(get_settings())).texts, BUNDLED_LAYERS, "mean"),
        "similarity": TextsQuestion(parse_lines(similarity.SIMILARITY_TEXTS).texts, BUNDLED_LAYERS),
        "search-query": TextsQuestion((similarity.SEARCH_QUERY,), BUNDLED_LAYERS),
        "layer-film": FilmQuestion(parse_lines(read_example(get_settings())).texts),
        "word-senses": SensesQuestion.of_set(SETS[0], get_settings()),
        "restoration": RestorationQuestion(pretraining.PASSAGES[0].text),
        "sentence-pairs": PairsQuestion(pretraining.PASSAGES[0].text),
    }


def slow_questions() -> dict[str, Question[Any]]:
    """The same for questions that take a minute: their pages show the stored answer and ask when told to."""
    return {"probes": TagsQuestion()}
