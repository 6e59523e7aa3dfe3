"""References: what is accepted, what is refused and what the refusal says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bert_explorer.errors import ModelReferenceError
from bert_explorer.models.reference import ModelReference, parse_reference

GOOD = {
    "bundled": ModelReference("bundled"),
    "run:20261123-a1": ModelReference("run", "20261123-a1"),
    "local:my_bert.v2": ModelReference("local", "my_bert.v2"),
    "google-bert/bert-base-cased": ModelReference("hub", "google-bert/bert-base-cased"),
    "org/name@v1.0": ModelReference("hub", "org/name", "v1.0"),
    "org/name@refs/pr/3": ModelReference("hub", "org/name", "refs/pr/3"),
}
PATHS = [
    "/etc/passwd",
    "./bert",
    "../bert",
    "~/bert",
    "C:\\models\\bert",
    "C:/models",
    "models\\bert",
    ".hidden",
]
URLS = ["https://huggingface.co/org/name", "file:///tmp/x", "http://127.0.0.1/x"]
MALFORMED = [
    "bert-base-uncased",
    "a/b/c",
    "org/",
    "/name",
    "org/na me",
    "org/..",
    "org/a..b",
    "org/a--b",
    "org/x.git",
    "org-/name",
    "org./name",
    "org/name-",
    "org/name.",
    "org/name@",
    "org/name@../../x",
    "run:",
    "run:../x",
    "local:a/b",
    "local:..",
    "local:a b",
    "LOCAL:x",
    "",
    "   ",
    "x" * 300,
    "org/näme",
    "org/name\x00",
]


@pytest.mark.parametrize("text", GOOD)
def test_a_reference_is_parsed_and_given_back(text: str) -> None:
    assert parse_reference(f"  {text} ") == GOOD[text]
    assert str(GOOD[text]) == text


@pytest.mark.parametrize("text", PATHS)
def test_a_path_is_refused_with_the_place_to_put_the_folder(text: str) -> None:
    with pytest.raises(ModelReferenceError, match=r"is a path.*local:NAME"):
        parse_reference(text)


@pytest.mark.parametrize("text", URLS)
def test_a_url_is_refused_with_the_form_to_use(text: str) -> None:
    with pytest.raises(ModelReferenceError, match=r"is a URL.*org/name"):
        parse_reference(text)


@pytest.mark.parametrize("text", MALFORMED)
def test_what_is_malformed_is_refused(text: str) -> None:
    with pytest.raises(ModelReferenceError):
        parse_reference(text)


def test_the_message_for_a_bare_name_shows_the_forms() -> None:
    with pytest.raises(ModelReferenceError, match=r"'bundled'.*'run:ID'.*'local:NAME'.*google-bert/"):
        parse_reference("bert-base-uncased")


@given(st.text(max_size=60))
def test_any_text_is_parsed_to_itself_or_refused(text: str) -> None:
    try:
        reference = parse_reference(text)
    except ModelReferenceError:
        return
    assert str(reference) == text.strip()
    assert ".." not in str(reference)
