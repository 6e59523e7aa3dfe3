from bert_explorer.plots.table_page import table_page


def test_every_cell_is_text_and_nothing_runs() -> None:
    page = table_page(
        "<b>A & B</b>", ("Name", "<i>"), [("<script>alert(1)</script>", 0.5), ("\u202ex", None)]
    )
    assert "<title>&lt;b&gt;A &amp; B&lt;/b&gt;</title>" in page
    assert page.count("<script") == page.count("http") == 0
    assert '<th scope="col">Name</th><th scope="col">&lt;i&gt;</th>' in page
    assert "<tr><td>&lt;script&gt;alert(1)&lt;/script&gt;</td><td>0.5</td></tr>" in page
    assert "<tr><td>\u202ex</td><td>None</td></tr>" in page
