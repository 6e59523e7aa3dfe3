"""Pretraining: how did BERT learn to read?"""

from functools import partial

import streamlit as st

from bert_explorer.results import Capability, ModelInfo
from bert_explorer.settings import get_settings
from bert_explorer.ui import state
from bert_explorer.ui.answers import answer
from bert_explorer.ui.explanations import show_explanation
from bert_explorer.ui.frame import show_heading
from bert_explorer.ui.guard import guard
from bert_explorer.ui.inputs import number_slider, show_examples, text_box
from bert_explorer.ui.model_bar import require_model
from bert_explorer.ui.own_pretraining import show_own_pretraining
from bert_explorer.ui.pretraining_game import current_guesses, masked_places, play, show_game_files
from bert_explorer.ui.pretraining_questions import PairsQuestion, RestorationQuestion
from bert_explorer.ui.pretraining_views import show_history, show_history_files, show_pairs, show_pairs_files
from bert_explorer.ui.texts import own_pretraining as own_text
from bert_explorer.ui.texts import pretraining as text


def ask_passage(name: str) -> str:
    show_examples(name, {item.name: {state.PRETRAIN_TEXT: item.text} for item in text.PASSAGES})
    return text_box("Text", text.PASSAGES[0].text, state.PRETRAIN_TEXT, lines=3)


def draw_again(key: str) -> None:
    st.session_state[key] = int(st.session_state.get(key, 1)) % 9_999 + 1


def ask_seed(label: str, key: str) -> int:
    """A number in the link, and a button that goes on to the next one."""
    seed = st.number_input("Draw number", 1, 9_999, 1, key=key, bind="query-params", width=130)
    st.button(label, on_click=draw_again, args=(key,))
    return int(seed)


def show_game(model: ModelInfo) -> None:
    passage = ask_passage("game")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width=220):
            percent = number_slider("Tokens to choose (%)", 5, 60, 15, state.GAME_SHARE)
        seed = ask_seed("Hide other words", state.GAME_SEED)
    question = RestorationQuestion(passage, percent, seed)
    files = None
    with guard():
        restoration = answer("restoration", model.ref, question)
        if restoration is not None:
            round_key = (model.ref, question)
            play(restoration, round_key)
            if round_key in state.game_rounds():
                masks = masked_places(restoration)[: text.MAX_GUESSES]
                files = partial(show_game_files, restoration, current_guesses(len(masks), round_key))
    show_explanation(text.GAME_EXPLANATION, code=question.code(model.ref), downloads=files)


def show_two_sentences(model: ModelInfo) -> None:
    passage = ask_passage("pairs")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        question = PairsQuestion(passage, ask_seed("Draw other strangers", state.PAIRS_SEED))
    judged = None
    with guard():
        judged = answer("sentence pairs", model.ref, question)
        if judged is not None:
            show_pairs(judged)
    files = None if judged is None else partial(show_pairs_files, judged)
    show_explanation(text.PAIRS_EXPLANATION, code=question.code(model.ref), downloads=files)


def show_training() -> None:
    folder = get_settings().bundled_model_path
    with guard():
        show_history(folder)
    show_explanation(text.HISTORY_EXPLANATION, downloads=partial(show_history_files, folder))


def show_own(model: ModelInfo) -> None:
    code = None
    with guard():
        code = show_own_pretraining(model)
    show_explanation(own_text.EXPLANATION, code=code, language="bash")


show_heading(text.PAGE)
game_tab, pairs_tab, history_tab, own_tab = st.tabs(
    text.TABS, key=state.PRETRAIN_TAB, on_change="rerun", bind="query-params"
)
if game_tab.open:
    with game_tab:
        show_game(require_model(Capability.MASKED_LM))
if pairs_tab.open:
    with pairs_tab:
        show_two_sentences(require_model(Capability.NEXT_SENTENCE))
if history_tab.open:
    with history_tab:
        show_training()
if own_tab.open:
    with own_tab:
        show_own(require_model())
