import json

import numpy as np
import pytest

from bert_explorer.models.cache import open_model
from bert_explorer.settings import Settings
from tests.cli.conftest import Run, assert_one_line_error

TEXT = "the cat [MASK] on the mat ."


def test_inside_gives_the_numbers_of_one_token(run: Run, settings: Settings) -> None:
    assert settings.offline
    outcome = run("inside", TEXT, "--layer", "1", "--head", "1", "--token", "3", "--json")
    found = json.loads(outcome.out)
    assert (found["layer"], found["head"], found["token"]) == (1, 1, 3)
    assert found["largest_difference"] < 1e-4
    with open_model("bundled") as engine:
        attentions = engine.attentions(TEXT, layers=[1]).attentions[0]
        states = engine.hidden_states(TEXT).hidden_states
        best = int(engine.mask_logits(TEXT).logits[0].argmax())
        assert found["words"][0]["token"] == engine.vocabulary[best]
    steps = found["steps"]
    np.testing.assert_allclose(steps["weights"], attentions[1, 3], atol=1e-4)
    np.testing.assert_allclose(steps["embedding"], states[0, 3], atol=1e-4)
    np.testing.assert_allclose(steps["output"], states[2, 3], atol=1e-4)
    product = np.array(steps["keys"]) @ np.array(steps["query"]) / 4  # heads of size 16
    np.testing.assert_allclose(steps["scores"], product, atol=1e-5)


def test_inside_prints_a_table_for_people(run: Run, settings: Settings) -> None:
    assert settings.offline
    out = run("inside", TEXT).out
    assert "'the' in layer 0, head 0 (counted from 0)" in out
    assert "Words at its place" in out
    assert "Largest difference from the model's own numbers" in out


@pytest.mark.parametrize(
    ("option", "part"), [("--token", "no token 99"), ("--head", "Head 99"), ("--layer", "no layer 99")]
)
def test_inside_names_the_range(option: str, part: str, run: Run, settings: Settings) -> None:
    assert settings.offline
    assert_one_line_error(run("inside", TEXT, option, "99"), 1, part)
