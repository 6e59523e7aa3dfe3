"""Finding and listing models on this disk, without torch."""

import subprocess
import sys
from pathlib import Path

import pytest

from bert_explorer.errors import ModelNotFoundError
from bert_explorer.models.catalog import describe_model, list_models
from bert_explorer.results import Capability
from bert_explorer.settings import REPOSITORY, Settings
from tests.tiny_models import build_tiny


def test_everything_on_this_disk_is_listed_and_the_broken_left_out(
    settings: Settings, tiny_bert: Path
) -> None:
    build_tiny("bert", settings.runs_path / "r1" / "model", head="text-classification")
    (settings.runs_path / "unfinished" / "model").mkdir(parents=True)
    (settings.local_models_path / "broken").mkdir()
    (settings.local_models_path / "a name with blanks").symlink_to(tiny_bert)
    assert [info.ref for info in list_models(settings)] == ["bundled", "local:tiny-bert", "run:r1"]


def test_runs_can_be_restricted_to_an_owners(settings: Settings) -> None:
    for run_id in ("mine", "other"):
        build_tiny("bert", settings.runs_path / run_id / "model", head="text-classification")
    refs = [info.ref for info in list_models(settings, run_ids=["mine"])]
    assert refs == ["bundled", "local:tiny-bert", "run:mine"]


def test_a_description_names_the_reference(settings: Settings) -> None:
    info = describe_model(" local:tiny-bert ", settings)
    assert (info.ref, info.name, info.family) == ("local:tiny-bert", "tiny-bert", "bert")
    assert Capability.NEXT_SENTENCE in info.capabilities


@pytest.mark.parametrize(
    ("ref", "remedy"),
    [
        ("local:nothing", r"Put the model's folder into .*There now: tiny-bert"),
        ("run:nothing", "unfinished or deleted"),
    ],
)
def test_a_reference_to_nothing_says_what_to_do(ref: str, remedy: str, settings: Settings) -> None:
    with pytest.raises(ModelNotFoundError, match=f"no model '{ref}' here.*{remedy}"):
        describe_model(ref, settings)


def test_a_missing_bundled_model_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError, match="Install BERT Explorer again"):
        describe_model("bundled", Settings(assets=tmp_path, home=tmp_path))


def test_listing_models_imports_neither_torch_nor_transformers(checkpoints: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from bert_explorer.settings import Settings;"
        "from bert_explorer.models.catalog import list_models;"
        f"home = Path({str(checkpoints)!r}); infos = list_models(Settings(home=home, hub_cache=home));"
        "print(len(infos) > 10, {'torch', 'transformers', 'huggingface_hub'} & set(sys.modules))"
    )
    command = [sys.executable, "-W", "error", "-c", code]
    result = subprocess.run(command, cwd=REPOSITORY, timeout=60, capture_output=True, text=True)
    assert (result.stdout.strip(), result.stderr) == ("True set()", "")
