"""Answers about texts: the JSON of the contract, and the same numbers as the library."""

import json
from pathlib import Path

import numpy as np
import pytest

from bert_explorer.analysis.attention_summaries import compute_summaries
from bert_explorer.analysis.embeddings import embed_texts
from bert_explorer.analysis.masked_words import predict_masks
from bert_explorer.analysis.pseudo_likelihood import score_text
from bert_explorer.analysis.rollout import compute_rollout
from bert_explorer.analysis.word_scores import score_words
from bert_explorer.models.cache import open_model
from bert_explorer.settings import Settings
from tests.cli.conftest import Run, assert_one_line_error

TEXT = "the capital of [MASK] is [MASK] ."


def test_models_are_listed(run: Run, settings: Settings) -> None:
    assert settings.offline
    found = {model["ref"]: model for model in run("models", "--json").json["models"]}
    assert set(found) == {"bundled", "local:tiny-bert"}
    tiny = found["local:tiny-bert"]
    assert (tiny["family"], tiny["num_layers"], tiny["num_heads"], tiny["hidden_size"]) == ("bert", 2, 2, 32)
    assert tiny["capabilities"] == ["attentions", "embeddings", "fill-mask", "next-sentence"]
    assert "local:tiny-bert  bert" in run("models").out


def test_fill_mask_gives_what_the_library_gives(run: Run, settings: Settings) -> None:
    assert settings.offline
    answer = run(
        "fill-mask", TEXT, "--top-k", 3, "--target", "france", "--model", "local:tiny-bert", "--json"
    ).json
    with open_model("local:tiny-bert") as engine:
        expected = predict_masks(engine, TEXT, top_k=3, targets=["france"])
    assert answer["tokens"] == list(expected.tokens.tokens)
    for mask, wanted in zip(answer["masks"], expected.masks, strict=True):
        assert mask["position"] == wanted.position
        assert [item["token"] for item in mask["predictions"]] == [item.token for item in wanted.predictions]
        assert [item["rank"] for item in mask["predictions"]] == [1, 2, 3]
        (target,) = mask["targets"]
        assert target["token"] == "france"
        assert target["rank"] == wanted.targets[0].rank
        assert target["probability"] == pytest.approx(wanted.targets[0].probability)


def test_a_target_of_pieces_is_scored(run: Run, settings: Settings) -> None:
    assert settings.offline
    answer = run("fill-mask", TEXT, "--target", "xyl", "--target", "france", "--json").json
    with open_model("bundled") as engine:
        for i, mask in enumerate(answer["masks"]):
            for found, wanted in zip(
                mask["targets"], score_words(engine, TEXT, ["xyl", "france"], mask=i), strict=True
            ):
                assert (found["token"], found["rank"]) == (wanted.word, wanted.rank)
                assert found["probability"] == pytest.approx(wanted.probability)
                assert found["pieces"] == list(wanted.pieces)


def test_score_gives_what_the_library_gives(run: Run, settings: Settings) -> None:
    assert settings.offline
    outcome = run("score", "the unknowable cat sat .", "--json")
    with open_model("bundled") as engine:
        expected = score_text(engine, "the unknowable cat sat .")
    assert outcome.json["pseudo_log_likelihood"] == pytest.approx(expected.pseudo_log_likelihood)
    assert outcome.json["pseudo_perplexity"] == pytest.approx(expected.pseudo_perplexity)
    assert [item["token"] for item in outcome.json["tokens"]] == list(expected.tokens)
    bits = [item["surprisal_bits"] for item in outcome.json["tokens"]]
    assert bits == pytest.approx(expected.surprisal_bits.tolist())
    assert "pseudo-perplexity" in run("score", "the cat").out
    assert_one_line_error(run("score", "the [MASK] sat"), 1, "has a mask")


def test_fill_mask_jointly(run: Run, settings: Settings) -> None:
    assert settings.offline
    plain = run("fill-mask", TEXT, "--json").json
    answer = run("fill-mask", TEXT, "--top-k", 4, "--joint", "--json").json
    assert "joint" not in plain
    assert len(answer["joint"]) == 4
    assert all(len(item["words"]) == 2 and item["log_probability"] < 0 for item in answer["joint"])
    assert "All masks together" in run("fill-mask", TEXT, "--joint").out


def test_fill_mask_for_people(run: Run, settings: Settings) -> None:
    assert settings.offline
    text = run("fill-mask", TEXT, "--top-k", 2, "--target", "france").out
    assert text.count("RANK  WORD") == 2
    assert "Mask 1, token 4" in text
    assert "target" in text


def test_next_sentence(run: Run, settings: Settings) -> None:
    assert settings.offline
    answer = run("next-sentence", "the cat sat .", "it looked .", "--json").json
    assert set(answer) == {"is_next_probability"}
    assert 0 < answer["is_next_probability"] < 1
    assert "that the second sentence follows the first" in run("next-sentence", "a cat", "a dog").out


def test_attention_is_nested_by_layer_head_query_and_key(run: Run, settings: Settings) -> None:
    assert settings.offline
    answer = run("attention", "the cat", "--pair", "a dog sat", "--json").json
    weights = np.array(answer["attentions"])
    assert answer["tokens"] == ["[CLS]", "the", "cat", "[SEP]", "a", "dog", "sat", "[SEP]"]
    assert weights.shape == (2, 2, 8, 8)
    np.testing.assert_allclose(weights.sum(axis=-1), 1, atol=1e-5)
    one = run("attention", "the cat", "--pair", "a dog sat", "--layer", 1, "--head", 0, "--json").json
    assert (one["layers"], one["heads"]) == ([1], [0])
    np.testing.assert_allclose(one["attentions"], weights[1:, :1], atol=1e-6)


def test_attention_between_words_without_special_tokens(run: Run, settings: Settings) -> None:
    assert settings.offline
    answer = run("attention", "xylophones sat", "--words", "--hide-special", "--json").json
    assert answer["tokens"] == ["xylophones", "sat"]
    np.testing.assert_allclose(np.sum(answer["attentions"], axis=-1), 1, atol=1e-5)


def test_attention_by_other_methods(run: Run, settings: Settings) -> None:
    assert settings.offline
    text = "the [MASK] sat on the mat ."
    options = ("--rollout", "--norms", "--methods", "--target", "dog", "--layer", 1, "--head", 0)
    answer = run("attention", text, *options, "--json").json
    assert np.shape(answer["attentions"]) == (1, 1, 9, 9)
    with open_model("bundled") as engine:
        summaries = compute_summaries(engine, text, target="dog")
        norms = engine.value_norms(text)
        rollout = compute_rollout(engine.attentions(text).attentions)
    np.testing.assert_allclose(answer["rollout"], rollout, atol=1e-6)
    np.testing.assert_allclose(answer["norms"]["vectors"], norms.vector_norms, atol=1e-6)
    np.testing.assert_allclose(answer["norms"]["mixed"], norms.mixed_norms, atol=1e-5)
    methods = answer["methods"]
    assert (methods["prediction"], methods["position"]) == ("dog", 2)
    assert methods["log_probability"] == pytest.approx(summaries.log_probability)
    for name, row in zip(summaries.methods, summaries.scores, strict=True):
        np.testing.assert_allclose(methods["scores"][name], row, atol=1e-6)
    assert methods["spearman"][0][0] == pytest.approx(1)
    assert methods["kendall"][1][2] == methods["kendall"][2][1]
    printed = run("attention", text, "--methods").out
    assert "GRADIENTS" in printed
    assert "SPEARMAN" in printed


def test_attention_for_people_and_as_a_page(run: Run, settings: Settings, tmp_path: Path) -> None:
    assert settings.offline
    page = tmp_path / "view.html"
    text = run("attention", "the cat", "--layer", 1, "--head", 0, "--html", page).out
    assert text.startswith("Layer 1, head 0")
    assert "[CLS]" in text
    assert "<!DOCTYPE html>" in page.read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ""] == ["view.html"]


def test_embed_writes_one_row_a_line(run: Run, settings: Settings, tmp_path: Path) -> None:
    assert settings.offline
    source, target = tmp_path / "texts.txt", tmp_path / "vectors.bin"
    source.write_bytes("\ufeffthe cat\r\na dog sat\r\ncafé\r\n".encode())
    answer = run("embed", source, "--output", target, "--layer", 1, "--pooling", "cls", "--json").json
    assert answer["shape"] == [3, 32]
    assert answer["elapsed_s"] > 0
    vectors = np.load(target)
    with open_model("bundled") as engine:
        state = engine.hidden_states("a dog sat", layers=[1]).hidden_states[0, 0]
    np.testing.assert_allclose(vectors[1], state, atol=1e-5)
    assert "3 vectors of 32 numbers" in run("embed", source, "--output", target).out


def test_embed_reads_long_lines_in_windows_and_says_so(run: Run, settings: Settings, tmp_path: Path) -> None:
    assert settings.offline
    source, target = tmp_path / "texts.txt", tmp_path / "vectors.npy"
    long = "the cat sat on the mat " * 40
    source.write_text(f"a dog\n{long}\n")
    answer = run("embed", source, "--output", target)
    assert "1 of 2 lines have more than 128 tokens. They are read in windows" in answer.err
    whole = np.load(target)
    assert "They are cut there" in run("embed", source, "--output", target, "--cut").err
    cut = np.load(target)
    with open_model("bundled") as engine:
        expected = [
            embed_texts(engine, [long], layer=2, pooling="mean", windows=w).vectors for w in (True, False)
        ]
    np.testing.assert_allclose(whole[1:], expected[0], atol=1e-5)
    np.testing.assert_allclose(cut[1:], expected[1], atol=1e-5)
    np.testing.assert_allclose(whole[0], cut[0], atol=1e-5)


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"", "is empty"),
        (b"a\n\nb\n", "Line 2"),
        (b"first line\nsome\x00text\n", "NUL"),
        (b"\n", "is empty"),
        (b"a\n" + b"the " * 2_500_000, "200,000"),
    ],
)
def test_embed_refuses_files_it_cannot_read(
    run: Run, settings: Settings, tmp_path: Path, content: bytes, part: str
) -> None:
    assert settings.offline
    source, target = tmp_path / "texts.txt", tmp_path / "vectors.npy"
    source.write_bytes(content)
    assert_one_line_error(run("embed", source, "--output", target), 1, part)
    assert not target.exists()


def test_json_survives_any_text(run: Run, settings: Settings) -> None:
    assert settings.offline
    for text in ("the \udcff cat [MASK]", 'quotes " and \\ [MASK]', "日本 [MASK] \u2028"):
        outcome = run("fill-mask", text, "--json")
        assert outcome.out.count("\n") == 1
        assert json.loads(outcome.out)["masks"]


def test_the_self_test_names_its_steps(run: Run, settings: Settings, tiny_classifier: Path) -> None:
    (settings.local_models_path / "classes").symlink_to(tiny_classifier)
    outcome = run("self-test", "--json")
    steps = [step["name"] for step in outcome.json["steps"]]
    assert steps[1:] == ["masked words", "next sentence", "attention and head view", "vectors and projection"]
    assert outcome.err.count("ok  ") == 5
    classes = run("self-test", "--model", "local:classes", "--json").json
    assert [step["name"] for step in classes["steps"]][-1] == "classes"
