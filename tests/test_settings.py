from pathlib import Path

import pytest

from bert_explorer.errors import SettingsError
from bert_explorer.settings import load_settings


def test_every_kind_of_value_is_read() -> None:
    settings = load_settings(
        {
            "BERT_EXPLORER_HOME": "/somewhere",
            "BERT_EXPLORER_OFFLINE": "Yes",
            "BERT_EXPLORER_MAX_QUEUE": "1_000",
            "BERT_EXPLORER_DEADLINE_S": "2.5",
            "BERT_EXPLORER_DEVICE": "cpu",
            "BERT_EXPLORER_MAX_MASKS": "  ",
        }
    )
    assert settings.home == Path("/somewhere")
    assert settings.offline is True
    assert (settings.max_queue, settings.deadline_s, settings.device) == (1000, 2.5, "cpu")
    assert settings.max_masks == 32
    assert settings.resolved_database_url == "sqlite:////somewhere/explorer.sqlite3"


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("MAX_QUEUE", "many", "BERT_EXPLORER_MAX_QUEUE is 'many'. It must be a whole number."),
        ("MAX_QUEUE", "0", "BERT_EXPLORER_MAX_QUEUE is 0. It must be at least 1."),
        ("DEADLINE_S", "soon", "BERT_EXPLORER_DEADLINE_S is 'soon'. It must be a number."),
        ("OFFLINE", "perhaps", "BERT_EXPLORER_OFFLINE is 'perhaps'. It must be true or false."),
        ("DEVICE", "tpu", "BERT_EXPLORER_DEVICE is 'tpu'. Choose one of: auto, cpu, cuda, mps."),
    ],
)
def test_an_impossible_value_names_its_variable(variable: str, value: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({f"BERT_EXPLORER_{variable}": value})
    assert str(caught.value) == message
