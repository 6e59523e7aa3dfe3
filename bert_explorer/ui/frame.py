"""What surrounds every page: style, heading, footer."""

from pathlib import Path

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from bert_explorer import __version__
from bert_explorer.ui.texts import PageText

FOLDER = Path(__file__).parent
ICON = FOLDER / "icon.svg"


def apply_style() -> None:
    """Load the style sheet. It draws nothing."""
    st.html(FOLDER / "style.css")


def show_heading(text: PageText) -> None:
    """Title and opening paragraph, the first thing that every page draws."""
    _enter_frame()
    st.title(text.title, anchor=False)
    with st.container(key="lead"):
        st.markdown(text.lead)


def _enter_frame() -> None:
    """Start again through app.py where a page runs without it.

    Until app.py has run once in a process, Streamlit takes a link to a page as one of its older kind
    of apps: it runs the file in pages/ alone, without model bar, owner and style.
    """
    if PagesManager.uses_pages_directory:
        PagesManager.uses_pages_directory = False
        st.rerun()


def show_footer() -> None:
    with st.container(key="footer"):
        st.caption(
            f"BERT Explorer {__version__}. Everything is computed on the computer that runs it; your texts "
            f"and models "
            "belong to this browser and are shown to no other."
        )
