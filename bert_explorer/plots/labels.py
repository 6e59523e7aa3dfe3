"""Text made by users and models, made safe and short enough to print in a figure.

plotly reads ``<b>``, ``<br>`` and ``<a href>`` in every text as markup, and text between dollar signs
as a formula. A text may also hold characters that hide, or that turn around what follows them.

    show_characters("a\\tb\\u202e")             = "a␉b‹202E›"
    shorten("internationalization", 10)       = "internati…"
    format_label("<b>R&D</b>")                = "&lt;b&gt;R&amp;D&lt;/b&gt;"
"""

import textwrap
import unicodedata

WORD_START_MARKERS = ("Ġ", "▁")  # byte-level BPE, SentencePiece
HOVER_WIDTH = 60
HOVER_LINES = 4
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "$": "&#36;"})
_JOINERS = "\u200c\u200d"  # needed inside Persian words and emoji
_DELETE = 127


def format_label(text: str, width: int | None = None) -> str:
    """One safe line for plotly, at most ``width`` columns wide."""
    shown = show_characters(text)
    return escape_markup(shown if width is None else shorten(shown, width))


def format_hover(text: str) -> str:
    """A longer text on a few lines for plotly's hover box, cut with an ellipsis."""
    lines = textwrap.wrap(
        show_characters(text), HOVER_WIDTH, max_lines=HOVER_LINES, placeholder=" …", drop_whitespace=True
    )
    return "<br>".join(escape_markup(line) for line in lines)


def format_token(token: str, width: int | None = None) -> str:
    """A vocabulary token as readers know it, not yet escaped: without its word-start marker."""
    bare = token[1:] if len(token) > 1 and token.startswith(WORD_START_MARKERS) else token
    shown = show_characters(bare)
    return shown if width is None else shorten(shown, width)


def escape_markup(text: str) -> str:
    """Entities for what plotly would read as markup, a link or a formula."""
    return text.translate(_ENTITIES)


def show_characters(text: str) -> str:
    """The text with everything invisible made visible; blanks inside it stay blanks."""
    if text and not text.strip(" "):
        return "␣" * len(text)
    return "".join(map(_show_character, text))


def shorten(text: str, width: int) -> str:
    """The text, cut with an ellipsis where it is wider than ``width`` columns (CJK counts two)."""
    if measure_width(text) <= width:
        return text
    kept = ""
    for character in text:
        if measure_width(kept + character) > width - 1:
            break
        kept += character
    return kept + "…"


def measure_width(text: str) -> float:
    """Columns that a text takes: CJK characters two, capitals a bit more than one, combining ones none."""
    return sum(_character_width(character) for character in text)


def _character_width(character: str) -> float:
    if unicodedata.combining(character) or character in _JOINERS:
        return 0
    if unicodedata.east_asian_width(character) in "WF":
        return 2
    return 1.35 if character.isupper() else 1


def _show_character(character: str) -> str:
    code = ord(character)
    if code < 32:
        return chr(0x2400 + code)  # control pictures: ␀ ␉ ␊
    if code == _DELETE:
        return "␡"
    category = unicodedata.category(character)
    if category == "Cs":
        return "\ufffd"  # half a character: no encoder would accept it
    if category in ("Cc", "Cf", "Zl", "Zp") and character not in _JOINERS:
        return f"‹{code:04X}›"
    return character
