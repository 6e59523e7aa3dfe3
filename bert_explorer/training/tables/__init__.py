"""Uploaded files -> Table: rows of plain text cells that know their line in the file.

decoding     bytes -> text (UTF-8, UTF-16, Windows-1252)
delimited    CSV and TSV
json_lines   JSONL
spreadsheet  XLSX
header       is the first row a header, and how are the columns called?
columns      which column holds the text, which the label?
unlabelled   texts to predict
predicted    their predictions, back as CSV
writing      a Table as CSV
table        the Table itself, and read_table, which joins all of these
"""
