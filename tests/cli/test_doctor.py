from pathlib import Path

from bert_explorer.settings import Settings
from tests.cli.conftest import Run, assert_one_line_error

ROWS = ["text,label"] + [
    f"the cat sat on the mat number {i} and {i * i},{('a b', 'c')[i % 2]}" for i in range(40)
]


def test_findings_with_their_lines_and_the_mended_file(run: Run, settings: Settings, tmp_path: Path) -> None:
    assert settings.offline
    file, mended = tmp_path / "in.csv", tmp_path / "out.csv"
    file.write_text("\n".join([*ROWS, "a row,A B ", "no label,"]))
    before = file.read_bytes()
    answer = run("doctor", file, "--json").json
    assert answer["rows"] == 42
    by_name = {finding["name"]: finding for finding in answer["findings"]}
    assert by_name["empty"]["lines"] == [43]
    assert by_name["spellings"]["lines"] == [42]
    assert answer["findings"][0]["severity"] == "problem"
    fixes = ("--fix", "spellings", "--fix", "empty", "--output", mended)
    after = run("doctor", file, *fixes, "--json").json
    assert not {"empty", "spellings"} & {finding["name"] for finding in after["findings"]}
    assert mended.read_text().splitlines()[-1] == "a row,a b"
    assert file.read_bytes() == before


def test_a_fix_that_is_not_there(run: Run, settings: Settings, tmp_path: Path) -> None:
    assert settings.offline
    file = tmp_path / "in.csv"
    file.write_text("\n".join(ROWS))
    assert_one_line_error(run("doctor", file, "--fix", "empty"), 1, "need each other")
    assert_one_line_error(
        run("doctor", file, "--fix", "empty", "--output", tmp_path / "o.csv"), 1, "no fix 'empty'"
    )
