"""What holds for every command: help with an example, one line an error, nothing slow to import."""

import subprocess
import sys

import pytest

from bert_explorer.cli import COMMANDS
from bert_explorer.settings import REPOSITORY, Settings
from tests.cli.conftest import Run, assert_one_line_error

WITH_EXAMPLE = [(name,) for name in COMMANDS if name != "pretrain"] + [
    ("runs", name) for name in ("show", "cancel", "resume", "delete", "export")
]


@pytest.mark.parametrize("command", WITH_EXAMPLE, ids=" ".join)
def test_help_of_each_command_has_an_example(run: Run, command: tuple[str, ...]) -> None:
    outcome = run(*command, "--help")
    assert outcome.status == 0
    assert f"Example: {command[0]}" in outcome.out
    assert "--json" in outcome.out or command == ("serve",)


def test_help_lists_all_commands_and_loads_none_of_them() -> None:
    code = (
        "import sys; from bert_explorer.cli import main; main(['--help'])\n"
        "heavy = {'torch', 'transformers', 'numpy', 'sqlalchemy', 'streamlit', 'plotly'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=REPOSITORY, check=True
    )
    for name, (_, _, line) in COMMANDS.items():
        assert f"  {name} " in result.stdout
        assert line in result.stdout


@pytest.mark.parametrize("group", [(), ("pretrain",)])
def test_a_group_without_a_command_shows_its_commands(run: Run, group: tuple[str, ...]) -> None:
    outcome = run(*group)
    assert (outcome.status, outcome.out) == (2, "")
    assert "Commands:" in outcome.err


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("fill-masks", "x"), "No such command 'fill-masks'"),
        (("fill-mask",), "Missing argument 'TEXT'"),
        (("fill-mask", "x", "--top-k", "many"), "'many' is not a valid integer"),
        (("embed", "/nowhere.txt", "--output", "x.npy"), "does not exist"),
        (("runs", "show"), "Missing argument 'ID'"),
        (("serve", "--port", "70000"), "70000 is not in the range"),
    ],
)
def test_a_wrong_command_line_is_one_line_and_status_2(
    run: Run, arguments: tuple[str, ...], part: str
) -> None:
    assert_one_line_error(run(*arguments), 2, part, "--help")


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("fill-mask", "no mask"), "mask"),
        (("fill-mask", "the [MASK]", "--top-k", "0"), "between 1 and"),
        (("fill-mask", "the [MASK]", "--target", "x" * 60), "splits into"),
        (("fill-mask", "", "--json"), "empty"),
        (("attention", "the cat", "--layer", "9"), "layer 9"),
        (("attention", "the cat", "--head", "9", "--json"), "Head 9 does not exist"),
        (("next-sentence", "a cat", " "), "empty"),
        (("fill-mask", "the [MASK]", "--model", "local:absent"), "local:absent"),
        (("fill-mask", "the [MASK]", "--model", "../etc/passwd"), "../etc/passwd"),
        (("fill-mask", "the [MASK]", "--model", "org/absent"), "offline"),
        (("runs", "show", "absent"), "absent"),
        (("runs", "cancel", "absent"), "absent"),
        (("runs", "export", "absent", "--output", "x"), "absent"),
    ],
)
def test_an_error_is_one_line_and_status_1(
    run: Run, settings: Settings, arguments: tuple[str, ...], part: str
) -> None:
    assert settings.offline
    assert_one_line_error(run(*arguments), 1, part)


def test_a_wrong_setting_is_one_line(run: Run, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from bert_explorer.settings import get_settings

    assert settings.offline
    monkeypatch.setenv("BERT_EXPLORER_DEVICE", "abacus")
    get_settings.cache_clear()
    assert_one_line_error(run("models"), 1, "BERT_EXPLORER_DEVICE", "abacus")
    get_settings.cache_clear()
    monkeypatch.setenv("BERT_EXPLORER_DEVICE", "cpu")


def test_an_unexpected_error_is_one_line_too(
    run: Run, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert settings.offline

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a defect\nof two lines")

    monkeypatch.setattr("bert_explorer.models.catalog.list_models", fail)
    assert_one_line_error(run("models"), 1, "ZeroDivisionError: a defect of two lines", "--verbose")


def test_a_folder_that_cannot_be_written_is_one_line(run: Run, settings: Settings) -> None:
    page = settings.home / "nowhere" / "page.html"
    assert_one_line_error(
        run("attention", "the cat", "--html", page), 1, "No such file or directory", "nowhere"
    )


def test_the_module_is_a_program(settings: Settings) -> None:
    assert settings.offline
    result = subprocess.run(
        [sys.executable, "-m", "bert_explorer", "models", "--json"],
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        check=False,
    )
    assert result.returncode == 0
    assert '"ref": "bundled"' in result.stdout
    assert result.stderr == ""
