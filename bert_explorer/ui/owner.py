"""Who owns the runs and models of this browser.

The owner is a random 256-bit secret that the browser draws at its first visit and keeps in its
localStorage. It travels over the session's own websocket only: never in a link, a cookie or a log.
Whoever clears the browser's storage becomes somebody else, and nobody can become them again.

The script's first run in a session knows no owner yet; the browser's answer starts the second. That
answer also proves that the browser has drawn the page (see answers.owner_known, opening.warm_up).
"""

import re

import streamlit as st

from bert_explorer.ui import state

SECRET = re.compile(r"[0-9a-f]{64}")

_SCRIPT = """
const NAME = "bert-explorer-owner";
const FORM = /^[0-9a-f]{64}$/;

function drawSecret() {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function readSecret() {
  try {
    const kept = localStorage.getItem(NAME);
    if (kept !== null && FORM.test(kept)) return kept;
    const drawn = drawSecret();
    localStorage.setItem(NAME, drawn);
    return drawn;
  } catch {
    // Storage is blocked: be one owner for as long as this tab lives.
    globalThis.bertExplorerOwner ??= drawSecret();
    return globalThis.bertExplorerOwner;
  }
}

export default function ({ data, setStateValue }) {
  if (!data.known) setStateValue("secret", readSecret());
}
"""

_mount = st.components.v2.component("bert_explorer_owner", html="<span hidden></span>", js=_SCRIPT)


def greet_browser() -> None:
    """Mount the component that brings the owner's secret. Draws nothing."""
    with st.container(key="owner-slot"):
        answer = _mount(
            key=state.OWNER_COMPONENT,
            data={"known": state.OWNER in st.session_state},
            on_secret_change=_ignore,
            height=1,
        )
    secret = answer.get("secret")
    if state.OWNER not in st.session_state and isinstance(secret, str) and SECRET.fullmatch(secret):
        st.session_state[state.OWNER] = secret


def current_owner() -> str | None:
    """The secret of this browser, or None until it has answered."""
    owner = st.session_state.get(state.OWNER)
    return owner if isinstance(owner, str) else None


def _ignore() -> None:
    """Streamlit asks for a callback for each value of a component; the rerun itself is what we need."""
