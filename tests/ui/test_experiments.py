"""What the pages promise of the bundled model is what it does."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from bert_explorer.analysis.ablation import ask_without
from bert_explorer.analysis.anisotropy import compute_anisotropy, correct_vectors
from bert_explorer.analysis.attention_summaries import ranked_units
from bert_explorer.analysis.attention_words import token_units
from bert_explorer.analysis.minimal_pairs import judge_pairs, parse_pairs
from bert_explorer.analysis.rank_agreement import spearman
from bert_explorer.analysis.relations import REVERSE, find_best_head
from bert_explorer.analysis.rescoring import mix_scores, parse_hypotheses
from bert_explorer.analysis.similarity import compute_similarities, find_nearest, most_alike
from bert_explorer.analysis.writing import Recipe, write
from bert_explorer.models.cache import open_model
from bert_explorer.models.engine import Engine
from bert_explorer.results import Attention, AttentionSummaries
from bert_explorer.settings import BUNDLED_MODEL, REPOSITORY, Settings
from bert_explorer.ui.attention_questions import AttentionQuestion, SummariesQuestion
from bert_explorer.ui.collections import parse_lines, read_example
from bert_explorer.ui.embedding_questions import FilmQuestion, SensesQuestion, TextsQuestion, TokensQuestion
from bert_explorer.ui.head_inputs import sample_lines
from bert_explorer.ui.head_questions import AtlasQuestion, RelationsQuestion
from bert_explorer.ui.masked_questions import JointQuestion, LayersQuestion, MaskedWordsQuestion
from bert_explorer.ui.pretraining_questions import NextSentenceQuestion, RestorationQuestion
from bert_explorer.ui.sentence_questions import CalibrationQuestion, RankingQuestion, TextScoreQuestion
from bert_explorer.ui.stored import load_stored
from bert_explorer.ui.texts import (
    ablation,
    attention,
    embeddings,
    heads,
    masked_words,
    pretraining,
    relations,
    sentence_scores,
    similarity,
    writing,
)
from bert_explorer.ui.writing_questions import TemplatesQuestion

pytestmark = pytest.mark.skipif(
    not (REPOSITORY / "assets" / "models" / BUNDLED_MODEL / "model.safetensors").is_file(),
    reason="the bundled model is not in this checkout",
)


@pytest.fixture
def engine(bundled_settings: Settings) -> Iterator[Engine]:
    assert bundled_settings.bundled_model_path.is_dir()
    with open_model("bundled") as opened:
        yield opened


def probabilities(engine: Engine, text: str, *words: str) -> dict[str, float]:
    answer = MaskedWordsQuestion(text, 10, words).ask(engine)
    return {word.word: word.probability for word in answer.words_at(0)}


def example(name: str) -> str:
    return next(item.text for item in masked_words.EXAMPLES if item.name == name)


def test_a_word_to_the_right_changes_the_guess(engine: Engine) -> None:
    drink = probabilities(engine, example("Both sides"), "car", "water")
    drive = probabilities(engine, example("Both sides").replace("drink", "drive"), "car", "water")
    assert drive["car"] > drink["car"]
    assert drive["water"] < drink["water"]


def test_negation_is_ignored(engine: Engine) -> None:
    for text in (example("Negation"), "London is a [MASK]."):
        assert MaskedWordsQuestion(text).ask(engine).masks[0].predictions[0].token == "city"


def test_the_verb_agrees_with_its_subject(engine: Engine) -> None:
    dogs = probabilities(engine, example("Grammar"), "were", "was")
    dog = probabilities(engine, example("Grammar").replace("dogs", "dog"), "were", "was")
    assert dogs["were"] > dogs["was"]
    assert dog["was"] > dog["were"]


def test_two_words_that_depend_on_each_other_score_higher_together(engine: Engine) -> None:
    answer = JointQuestion("We flew to [MASK] [MASK] in June.").ask(engine)
    assert answer.found[0].words != answer.independent.words
    assert answer.found[0].log_probability > answer.independent.log_probability
    (mask,) = MaskedWordsQuestion(example("A drink")).ask(engine).masks
    alone = JointQuestion(example("A drink")).ask(engine)
    assert np.exp(alone.found[0].log_probability) == pytest.approx(mask.predictions[0].probability, rel=1e-3)


def test_layer_0_does_not_read_the_text(engine: Engine) -> None:
    """The same place in two texts, the same guesses; the last layer gives others."""
    first, second = (
        LayersQuestion(text).ask(engine)
        for text in ("He drank a glass of [MASK].", "We live in the city [MASK].")
    )
    words = [[[word.token for word in layers[i].best] for i in (0, -1)] for layers in (first, second)]
    assert words[0][0] == words[1][0]
    assert words[0][1] != words[1][1]


def test_surprise_order_and_pieces(engine: Engine) -> None:
    score = {name: TextScoreQuestion(item).ask(engine) for name, item in sentence_scores.EXAMPLES.items()}
    bits = [score[name].surprisal_bits[-2] for name in ("A surprise", "Nothing new")]
    assert bits[0] > bits[1] + 4
    assert score["Word order"].pseudo_perplexity > 3 * score["A proverb"].pseudo_perplexity
    rare = score["A rare word"]
    assert rare.left_to_right.sum() < rare.log_probabilities.sum() - 1


def test_the_model_prefers_to_recognise_speech(engine: Engine) -> None:
    hypotheses = parse_hypotheses(sentence_scores.SENTENCES)
    scores = RankingQuestion(hypotheses).ask(engine)
    assert mix_scores(hypotheses, scores, weight=0)[0].place == 1
    assert "recognise speech" in mix_scores(hypotheses, scores, weight=1)[0].hypothesis.text


def test_a_noun_in_between_misleads(engine: Engine) -> None:
    judged = [item for _, item in judge_pairs(engine, parse_pairs(sentence_scores.OWN)) if item]
    right = {item.pair.good: item.is_right for item in judged}
    assert right["The keys are on the table."]
    assert not right["The keys to the cabinet are on the table."]


def different_words(engine: Engine, name: str) -> tuple[list[str], list[str]]:
    item = next(item for item in writing.TEMPLATES if item.name == name)
    answer = TemplatesQuestion(item.first, item.second).ask(engine)
    first, second = answer.most_different(10)
    return [answer.tokens[i] for i in first], [answer.tokens[i] for i in second]


def test_templates_find_a_stereotype_and_a_rule(engine: Engine) -> None:
    assert "she" in different_words(engine, "Professions")[0]
    one, many = different_words(engine, "One or many")
    assert {"is", "was"} & set(one)
    assert {"are", "were"} <= set(many)


def test_where_the_model_is_sure_it_is_mostly_right(bundled_settings: Settings) -> None:
    """By the stored answer, which test_stored.py compares with the model."""
    answer = load_stored(CalibrationQuestion(), bundled_settings)
    assert answer is not None
    assert answer.bins[-1].share_right > 0.6


def test_a_cold_text_repeats_itself(engine: Engine) -> None:
    recipe = Recipe("The old man", temperature=0.1)
    cold, warm = (write(engine, item)[-1].tokens for item in (recipe, replace(recipe, temperature=1.5)))
    assert len(set(cold)) < len(set(warm))


def test_the_profession_moves_the_pronoun(engine: Engine) -> None:
    nurse = probabilities(engine, example("Stereotype"), "she", "he")
    engineer = probabilities(engine, example("Stereotype").replace("nurse", "engineer"), "she", "he")
    assert nurse["she"] / nurse["he"] > 1.2 * engineer["she"] / engineer["he"]


def test_next_sentence_sees_topic_and_not_logic(engine: Engine) -> None:
    said = {
        item.name: NextSentenceQuestion(item.first, item.second).ask(engine).is_next_probability
        for item in masked_words.NEXT_EXAMPLES
    }
    assert said["Another topic"] < 0.1
    assert min(said["Neighbours"], said["A contradiction"], said["Swapped"]) > 0.8


def attention_of(engine: Engine, name: str) -> Attention:
    chosen = next(item for item in attention.EXAMPLES if item.name == name)
    return AttentionQuestion(chosen.text, chosen.pair or None).ask(engine).expand()


def test_two_heads_count(engine: Engine) -> None:
    weights = attention_of(engine, "A pronoun").attentions
    inner = range(1, weights.shape[-1] - 1)
    assert np.mean([weights[0, 2, i, i - 1] for i in inner]) > 0.9  # layer 1, head 3: the one before
    assert np.mean([weights[1, 8, i, i + 1] for i in inner]) > 0.6  # layer 2, head 9: the one after


def test_one_head_looks_for_the_same_word(engine: Engine) -> None:
    answer = attention_of(engine, "Repetition")
    fish = [i for i, token in enumerate(answer.tokens.tokens) if token == "fish"]
    head = answer.attentions[2, 9]  # layer 3, head 10
    assert len(fish) == 4
    assert np.mean([head[i, j] for i in fish for j in fish if i != j]) * 3 > 0.75


def test_the_middle_layers_look_at_cls(engine: Engine) -> None:
    on_cls = attention_of(engine, "A pronoun").attentions[:, :, 1:-1, 0].mean(axis=(1, 2))
    assert on_cls[2:5].min() > 0.5
    assert on_cls[0] < 0.4


def scores_of(engine: Engine, name: str, target: str | None = None) -> AttentionSummaries:
    chosen = next(item for item in attention.EXAMPLES if item.name == name)
    return SummariesQuestion(chosen.text, target=target).ask(engine)


def test_the_opening_head_finds_the_cat(engine: Engine) -> None:
    answer = attention_of(engine, "A pronoun")
    tokens = answer.tokens.tokens
    row = answer.attentions[attention.DEFAULT_LAYER - 1, attention.DEFAULT_HEAD - 1, tokens.index("it")]
    assert row[tokens.index("cat")] > 5 * row[tokens.index("mat")]


def test_keys_speak_for_are_more_than_for_is(engine: Engine) -> None:
    plural, singular = (scores_of(engine, "A masked word", word) for word in ("are", "is"))
    keys = plural.tokens.tokens.index("keys")
    np.testing.assert_array_equal(plural.scores[:3], singular.scores[:3])
    assert plural.scores[3].argmax() == keys
    assert singular.scores[3, keys] < 0.7 * plural.scores[3, keys]


def test_means_and_norms_rank_alike_and_gradients_do_not(engine: Engine) -> None:
    answer = scores_of(engine, "A masked word")
    ranked = ranked_units(token_units(answer.tokens), answer.position)
    mean, _, norms, gradients = answer.scores[:, ranked]
    assert (spearman(mean, norms) or 0) > 0.7
    assert (spearman(mean, gradients) or 0) < 0.3


def test_no_head_turns_from_the_cat_to_the_mat(engine: Engine) -> None:
    first, second = (
        AttentionQuestion(item).ask(engine).expand()
        for item in (attention.EXAMPLES[0].text, attention.OTHER_TEXT)
    )
    it, mat = first.tokens.tokens.index("it"), first.tokens.tokens.index("mat")
    assert (second.attentions - first.attentions)[:, :, it, mat].max() < 0.1


def cosines(vectors: np.ndarray) -> np.ndarray:
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(unit @ unit.T)


def test_four_banks_of_one_text_lie_together_at_the_first_and_at_the_last_layer(engine: Engine) -> None:
    lowest = {}
    for layer in (0, 6):
        tokens = TokensQuestion(embeddings.TOKENS_TEXT, layer).ask(engine)
        banks = [i for i, item in enumerate(tokens.items) if item == "bank"]
        assert len(banks) == 4
        lowest[layer] = cosines(tokens.vectors[banks]).min()
    assert min(lowest.values()) > 0.85


def test_topics_hold_together_better_after_the_last_layer(engine: Engine, bundled_settings: Settings) -> None:
    texts = parse_lines(read_example(bundled_settings))
    topics = np.array(texts.labels)
    share = {}
    for layer in (0, engine.info.num_layers):
        similarity = cosines(TextsQuestion(texts.texts, layer).ask(engine).vectors)
        np.fill_diagonal(similarity, -1)
        nearest = similarity.argsort(axis=1)[:, ::-1][:, :3]
        share[layer] = float(np.mean(topics[nearest] == topics[:, None]))
    assert share[engine.info.num_layers] > share[0] + 0.05


def test_a_token_left_as_it_was_is_believed_and_more_masks_are_harder(engine: Engine) -> None:
    right: dict[int, list[bool]] = {15: [], 40: []}
    believed = []
    for passage in pretraining.PASSAGES:
        for percent in right:
            for seed in range(1, 9):
                answer = RestorationQuestion(passage.text, percent, seed).ask(engine)
                for treatment, truth in zip(answer.corrupted.treatments, answer.truths, strict=True):
                    if treatment == "kept":
                        believed.append(truth.probability > 0.9)
                    if treatment == "mask":
                        right[percent].append(truth.rank == 1)
    assert np.mean(believed) > 0.5
    assert np.mean(right[15]) > np.mean(right[40])


def test_two_heads_count_and_matter(engine: Engine, bundled_settings: Settings) -> None:
    atlas = AtlasQuestion(tuple(sample_lines(bundled_settings).splitlines())).ask(engine)
    assert atlas.statistic("previous")[0, 2] > 0.9  # layer 1, head 3
    assert atlas.statistic("next")[1, 8] > 0.6  # layer 2, head 9
    importance = atlas.statistic("importance")
    for head in ((0, 2), (1, 8)):
        assert (importance > importance[head]).sum() < 18  # of 72
    on_cls = atlas.statistic("start").mean(axis=1)
    assert on_cls[2:5].min() > 0.5 > 0.4 > max(on_cls[0], on_cls[5])


def test_objects_look_at_their_verbs(bundled_settings: Settings) -> None:
    """From the stored answer, which another test compares with the model."""
    found = load_stored(RelationsQuestion(heads.RELATION_SENTENCES), bundled_settings)
    assert found is not None
    often = [number for number, count in enumerate(found.counts) if count >= relations.MIN_SHOWN]
    best = {found.relations[number]: find_best_head(found, number) for number in often}
    turned = {found.relations[number]: find_best_head(found, number, REVERSE) for number in often}
    assert best["obj"].accuracy > 1.8 * best["obj"].baseline
    assert best["flat"].accuracy - best["flat"].baseline < 0.05
    assert np.mean([turned[name].accuracy < item.accuracy for name, item in best.items()]) > 0.5


def test_one_head_is_missed_and_a_whole_layer_is_not(engine: Engine) -> None:
    text = ablation.EXAMPLES[0].text
    whole = ask_without(engine, text)
    missed = ask_without(engine, text, ablated=((2, 8),))  # layer 3, head 9
    fourth = [ask_without(engine, text, ablated=((3, head),)).perplexity for head in range(12)]
    layer = ask_without(engine, text, ablated=tuple((4, head) for head in range(12)))  # layer 5
    assert missed.perplexity > 1.1 * max(fourth)
    assert layer.perplexity < 1.1 * whole.perplexity
    before, after = whole.words.masks[0].predictions, layer.words.masks[0].predictions
    assert {word.token for word in before[:4]} == {word.token for word in after[:4]}


def test_bank_parts_and_spring_overlaps(engine: Engine, bundled_settings: Settings) -> None:
    bank, spring = (SensesQuestion.of_set(word, bundled_settings).ask(engine) for word in ("bank", "spring"))
    assert bank.accuracies[0] < 0.7 < 0.85 < bank.accuracies[5]
    assert spring.majority + 0.2 < spring.accuracies[6] < bank.accuracies[6]
    assert spring.silhouettes[6] < bank.silhouettes[6]


def test_most_moves_at_the_last_layer_and_cls_starts_as_one_point(
    engine: Engine, bundled_settings: Settings
) -> None:
    texts = parse_lines(read_example(bundled_settings)).texts
    film = FilmQuestion(texts).ask(engine)
    assert max(film.disparities) == film.disparities[-1]
    first = FilmQuestion(texts, "cls").ask(engine).coordinates[0]
    assert not first.any()


def test_a_contradiction_is_among_the_most_similar_pairs(engine: Engine) -> None:
    texts = parse_lines(similarity.SIMILARITY_TEXTS).texts
    third, last = (TextsQuestion(texts, layer).ask(engine).vectors for layer in (3, engine.info.num_layers))
    assert compute_similarities(third, third).min() > 0.4 > 0.2 > compute_similarities(last, last).min()
    centred = last - last.mean(axis=0)
    assert (0, 2) in most_alike(compute_similarities(centred, centred), 4, same=True)


def test_searching_finds_space_and_takes_a_star_of_a_show_for_one(
    engine: Engine, bundled_settings: Settings
) -> None:
    texts = parse_lines(read_example(bundled_settings))
    assert texts.labels is not None
    layer = engine.info.num_layers
    vectors = TextsQuestion(texts.texts, layer).ask(engine).vectors

    def topics(query: str) -> list[str]:
        found = find_nearest(TextsQuestion((query,), layer).ask(engine).vectors[0], vectors, 4, centre=True)
        return [texts.labels[match.row] for match in found]  # type: ignore[index]

    assert topics("rockets and planets") == ["space"] * 4
    assert topics("The star of the show") == ["space", "space", "space", "music"]
    third = TextsQuestion(texts.texts, 3).ask(engine).vectors
    assert compute_anisotropy(third) > 0.6 > 0.4 > compute_anisotropy(vectors)
    assert abs(compute_anisotropy(correct_vectors(third, "centre"))) < 0.05
