"""A table back to a file: CSV in UTF-8 that read_table reads as the same table."""

import csv
import io

from bert_explorer.training.tables.table import Table


def write_table(table: Table) -> bytes:
    """With a header, cells in quotes wherever a comma, a quote or a line end asks for it.

    What it does not do: mask cells that a spreadsheet would run as a formula (see prediction_files).
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows(table.rows)
    return text.getvalue().encode("utf-8")
