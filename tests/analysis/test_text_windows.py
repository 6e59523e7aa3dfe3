import pytest

from bert_explorer.analysis.text_windows import cut_windows
from bert_explorer.models.cache import open_model
from bert_explorer.results import Tokens
from bert_explorer.settings import Settings
from tests.tiny_models import build_tiny


@pytest.mark.parametrize("before", ["", "the cat sat on the mat . "])
def test_a_word_longer_than_a_window_is_cut_and_read_to_its_end(
    before: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_tiny("roberta", settings.local_models_path / "roberta")
    text = before + "zqxj" * 200
    with open_model("local:roberta") as engine:
        read, starts = engine.tokenize, []

        def read_later(part: str, *, truncate: bool) -> Tokens:
            starts.append(len(text) - len(part))
            assert len(starts) == 1 or starts[-1] > starts[-2], "a window starts where the last one did"
            return read(part, truncate=truncate)

        monkeypatch.setattr(engine, "tokenize", read_later)
        windows = cut_windows(engine, text, max_tokens=3000)
    scored = [
        window.start + window.tokens.offsets[position] for window in windows for position in window.scored
    ]
    covered = "".join(text[low:high] for low, high in scored)
    assert covered == text.replace(" ", "")
