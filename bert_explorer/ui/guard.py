"""The one place that turns exceptions into what a user reads."""

import logging
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from bert_explorer.errors import BertExplorerError

WORD_JOINER = "\u2060"
BARE_LINK = re.compile(r"(:|www|\S(?=@))(//|\.|@)", re.IGNORECASE)
_logger = logging.getLogger("bert_explorer.ui")


@contextmanager
def guard() -> Iterator[None]:
    """Show what goes wrong inside, and go on after the block.

    A BertExplorerError is shown as its own message. Anything else is logged with its traceback under
    a short id, and the user sees the id only: a traceback could hold somebody else's data.
    """
    try:
        yield
    except BertExplorerError as error:
        st.error(escape_markdown(str(error)))
    except Exception:
        report = secrets.token_hex(4)
        _logger.exception("Unexpected error %s", report)
        st.error(
            f"Something went wrong that should not have. The details are in the server's log under "
            f"**{report}**. Your texts and models are safe; try again, or change the input."
        )


def escape_markdown(text: str) -> str:
    """``text`` as it is, where Streamlit would read Markdown: no links, no formulas, no colours.

    Bare addresses become links even behind backslashes; an invisible word joiner inside prevents it.
    """
    text = BARE_LINK.sub(lambda found: found[1] + WORD_JOINER + found[2], text)
    for character in "\\`*_{}[]()<>#+-.!|~:$&":
        text = text.replace(character, "\\" + character)
    return text
