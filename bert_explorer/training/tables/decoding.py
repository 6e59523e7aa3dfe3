"""Bytes of a text file -> its characters, or an error that names the line.

What it does not do: guess among the many other 8-bit encodings. A file that is neither UTF-8, UTF-16
nor Windows-1252 is refused rather than turned into wrong letters.
"""

import codecs

from bert_explorer.errors import DataError

SAVE_AS_UTF8 = "Open it in your editor or spreadsheet and save it again with the encoding UTF-8."
UTF16_SAMPLE_BYTES = 4_096
UTF16_NUL_SHARE = 0.3


def decode_text(content: bytes) -> tuple[str, str]:
    """Returns the text, without byte order mark, and the encoding's name. Raises DataError."""
    encoding = _declared_encoding(content) or _utf16_without_mark(content)
    if encoding is not None:
        text = _decode(content, encoding)
    elif b"\0" in content:
        raise DataError(_nul_message(), line=_line_of(content, content.index(b"\0")))
    else:
        text, encoding = _decode_eight_bit(content)
    if "\0" in text:
        raise DataError(_nul_message(), line=text.count("\n", 0, text.index("\0")) + 1)
    return text, encoding


def _declared_encoding(content: bytes) -> str | None:
    if content.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return None


def _utf16_without_mark(content: bytes) -> str | None:
    """UTF-16 of mostly Latin letters has a NUL in every second byte, always on the same side."""
    sample = content[:UTF16_SAMPLE_BYTES]
    nuls_first, nuls_second = sample[0::2].count(0), sample[1::2].count(0)
    if max(nuls_first, nuls_second) < UTF16_NUL_SHARE * len(sample) or min(nuls_first, nuls_second) > 0:
        return None
    return "utf-16-le" if nuls_second else "utf-16-be"


def _decode(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        readable = content[: error.start].decode(encoding, errors="ignore")
        name = encoding.removesuffix("-sig").upper()
        message = f"The file says that it is {name}, but these bytes are not. {SAVE_AS_UTF8}"
        raise DataError(message, line=readable.count("\n") + 1) from error


def _decode_eight_bit(content: bytes) -> tuple[str, str]:
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        line = _line_of(content, error.start)
        if _is_mostly_utf8(content):
            raise DataError(f"This line has bytes that are not UTF-8. {SAVE_AS_UTF8}", line=line) from error
    try:
        return content.decode("cp1252"), "cp1252"
    except UnicodeDecodeError as error:
        line = _line_of(content, error.start)
        message = f"This line has bytes that are neither UTF-8 nor Windows-1252. {SAVE_AS_UTF8}"
        raise DataError(message, line=line) from error


def _is_mostly_utf8(content: bytes) -> bool:
    """True for a damaged UTF-8 file: beside the broken bytes, at least as many letters are whole.

    Letters of Windows-1252 almost never form a valid UTF-8 sequence by chance.
    """
    text = content.decode("utf-8", errors="replace")
    broken = text.count("�")
    whole = sum(character > "\x7f" for character in text) - broken
    return whole >= broken


def _line_of(content: bytes, position: int) -> int:
    return content.count(b"\n", 0, position) + 1


def _nul_message() -> str:
    return (
        "This line has a NUL byte, so this is not a text file, or it was cut off while being saved. "
        "Save the table again as CSV (UTF-8) or as .xlsx."
    )
