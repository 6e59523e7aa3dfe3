"""A page with token strips and nothing else: words to select, one to choose, and others to look at."""

import streamlit as st

from bert_explorer.ui.components.token_strip import Kind, StripToken, token_strip

HOSTILE = ("<img src=x onerror=window.hacked=1>", "</script><b>b</b>", "{{7*7}}", "javascript:alert(1)")
WORDS = ("[CLS]", "Das", "ist", "ein", *HOSTILE, "日本語", "\u202eevil", "[SEP]")
HEBREW = ("[CLS]", "שלום", "עולם", "abc", "[SEP]")


def kind_of(word: str) -> Kind:
    return "special" if word in ("[CLS]", "[SEP]") else ""


def main() -> None:
    chosen = st.session_state.setdefault("chosen", set())

    def toggle(index: int) -> None:
        chosen.symmetric_difference_update({index})

    words = [
        StripToken(
            word,
            value=(i - 5) / 5,
            number=f"{i}.5",
            lines=(f"word {i}", word),
            kind=kind_of(word),
        )
        for i, word in enumerate(WORDS)
    ]
    clicked = token_strip(words, label="Many", key="many", selected=chosen, on_click=toggle)
    st.write(f"clicked: {clicked}; chosen: {sorted(chosen)}")
    hebrew = [StripToken(word, kind=kind_of(word)) for word in HEBREW]
    one = token_strip(hebrew, label="One", key="single", selected={1}, select="one")
    st.write(f"one: {one}")
    token_strip([StripToken("seen", lines=("a line",))], label="None", key="none", select="none")
    st.button("Again")


if __name__ == "__main__":
    main()
