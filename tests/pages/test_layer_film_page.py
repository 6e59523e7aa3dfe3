from bert_explorer.ui import state
from bert_explorer.ui.film_views import film_rows
from tests.pages.conftest import OpenPage, press


def test_the_film_lists_what_moves(open_page: OpenPage) -> None:
    page = open_page("layer_film", link={state.EMBED_DIMENSIONS: "3D"})
    assert [error.value for error in page.error] == []
    movement, texts = (item.value for item in page.dataframe)
    assert list(movement["Layer"]) == [0, 1, 2]
    assert movement["Disparity to the layer before"][0] == 0
    assert len(texts) == 50
    page.text_area(key=state.EMBED_TEXTS).set_value("one\ntwo")
    page = press(page, "Make the film")
    assert "A film takes 3 to" in page.error[0].value


def test_the_file_has_a_row_for_each_layer_and_text() -> None:
    import numpy as np

    from bert_explorer.analysis.layer_film import make_film
    from bert_explorer.ui.collections import TextCollection

    vectors = np.random.default_rng(0).normal(size=(2, 3, 5)).astype(np.float32)
    rows = film_rows(make_film(vectors, (0, 1)), TextCollection(("a", "b", "c"), ("x", "y", "")), [2, 0])
    assert [row[:4] for row in rows] == [(0, 3, "c", ""), (0, 1, "a", "x"), (1, 3, "c", ""), (1, 1, "a", "x")]
    assert all(row[6] == "" for row in rows)
