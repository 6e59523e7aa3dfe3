"""Inputs that several pages share: a row of examples, boxes for text, choices of layer and head."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from bert_explorer.settings import get_settings

MAX_LINK_CHARS = 4_000  # of one box: browsers and servers cut longer addresses


def show_examples(page: str, examples: Mapping[str, Mapping[str, Any]]) -> None:
    """A row of buttons; each fills widgets: ``examples[name]`` maps a widget's key to its new value."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"examples-{page}"):
        st.caption("Examples:", width="content")
        for name, values in examples.items():
            st.button(
                name, key=f"example-{page}-{name}", on_click=fill_widgets, args=(values,), type="tertiary"
            )


def fill_widgets(values: Mapping[str, Any]) -> None:
    """Give widgets new values, in a callback and so before they are drawn."""
    for key, value in values.items():
        st.session_state[key] = value


def text_box(label: str, default: str, key: str, *, lines: int = 2, **options: Any) -> str:
    """A box for text whose value is in the link."""
    height = 24 * lines + 34
    limit = get_settings().max_text_chars
    box = st.text_area(
        label, default, height=height, max_chars=limit, key=key, bind="query-params", **options
    )
    return str(box)


def lines_box(label: str, example: str, key: str, *, lines: int, **options: Any) -> str:
    """A box for many texts, one a line. Too long a text stays out of the link, and the page says so."""
    kept = st.session_state.get(key)
    fits = kept is None or len(kept) <= MAX_LINK_CHARS
    box = st.text_area(
        label,
        example,
        height=24 * lines + 34,
        max_chars=get_settings().max_text_chars,
        key=key,
        bind="query-params" if fits else None,
        **options,
    )
    if not fits:
        st.caption(
            f"These texts are too long for a link (over {MAX_LINK_CHARS:,} characters): a link opens the "
            "example."
        )
    return str(box)


def two_boxes(
    form: str, first: tuple[str, str, str], second: tuple[str, str, str], submit: str
) -> tuple[str, str]:
    """Two texts side by side, sent together; each is (label, default, key)."""
    with st.form(form, border=False):
        left, right = st.columns(2)
        with left:
            first_text = text_box(*first)
        with right:
            second_text = text_box(*second)
        st.form_submit_button(submit, type="primary")
    return first_text, second_text


def number_slider(label: str, lowest: int, highest: int, default: int, key: str, **options: Any) -> int:
    """A whole number whose value is in the link; a text instead of a slider where there is one choice."""
    if lowest == highest:
        st.caption(f"{label}: {lowest}")
        return lowest
    default = min(max(default, lowest), highest)
    kept = st.session_state.get(key)
    if isinstance(kept, int) and not lowest <= kept <= highest:  # another model has fewer layers
        st.session_state[key] = min(max(kept, lowest), highest)
    return int(st.slider(label, lowest, highest, default, key=key, bind="query-params", **options))


def choice(label: str, options: Sequence[str], key: str, **more: Any) -> str:
    """One of a few options, side by side, whose value is in the link. Never empty."""
    chosen = st.segmented_control(
        label, options, default=options[0], required=True, key=key, bind="query-params", **more
    )
    return str(chosen if chosen is not None else options[0])


def split_words(text: str) -> tuple[str, ...]:
    """Words between commas, blanks around them cut off, empty ones left out."""
    return tuple(word.strip() for word in text.split(",") if word.strip())
