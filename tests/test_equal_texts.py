from bert_explorer.equal_texts import number_groups


def test_case_and_blanks_make_no_other_text() -> None:
    assert number_groups(["a cat", "a dog", " A\tCat ", "acat", "STRASSE", "straße"]) == (0, 1, 0, 2, 3, 3)
