"""A table as one HTML file that opens anywhere, and runs nothing."""

from collections.abc import Iterable, Sequence
from html import escape
from string import Template

PAGE = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>$title</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body { font: 16px/1.6 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; }
th, td { text-align: left; padding: 0.25rem 1rem 0.25rem 0; border-bottom: 1px solid #ddd; }
td { unicode-bidi: isolate; }
</style></head><body>
<h1>$title</h1>
$table
</body></html>
""")


def table_page(title: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A page with this one table."""
    return PAGE.substitute(title=escape(title), table=html_table(header, rows))


def html_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The element alone. Every cell is text."""
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in header)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
