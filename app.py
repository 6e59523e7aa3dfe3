"""BERT Explorer: the frame around the pages. Start it with `make run` or `streamlit run app.py`."""

import streamlit as st

from bert_explorer.ui.frame import ICON, apply_style, show_footer
from bert_explorer.ui.guard import guard
from bert_explorer.ui.model_bar import show_model_bar
from bert_explorer.ui.opening import warm_up
from bert_explorer.ui.owner import current_owner, greet_browser

PAGES = {
    "": [st.Page("pages/start.py", title="Start", default=True)],
    "Guess": [
        st.Page("pages/masked_words.py", title="Masked words"),
        st.Page("pages/sentence_scores.py", title="Sentence scores"),
        st.Page("pages/templates.py", title="Two templates"),
        st.Page("pages/writing.py", title="Writing"),
        st.Page("pages/calibration.py", title="Calibration"),
    ],
    "Look inside": [
        st.Page("pages/attention.py", title="Attention"),
        st.Page("pages/inside.py", title="Inside"),
        st.Page("pages/heads.py", title="Heads"),
        st.Page("pages/relations.py", title="Heads and grammar"),
        st.Page("pages/ablation.py", title="Heads switched off"),
    ],
    "Embeddings": [
        st.Page("pages/embeddings.py", title="Map of texts"),
        st.Page("pages/layer_film.py", title="Layers as a film"),
        st.Page("pages/word_senses.py", title="Word senses"),
        st.Page("pages/similarity.py", title="Similarity"),
        st.Page("pages/search.py", title="Search"),
        st.Page("pages/clusters.py", title="Groups"),
        st.Page("pages/probes.py", title="Probes"),
    ],
    "Train": [
        st.Page("pages/pretraining.py", title="Pretraining"),
        st.Page("pages/fine_tune.py", title="Fine-tune"),
        st.Page("pages/runs.py", title="Runs"),
        st.Page("pages/explain.py", title="Explain"),
        st.Page("pages/training_film.py", title="Film of a training"),
        st.Page("pages/what_moved.py", title="What moved"),
    ],
}

st.set_page_config(page_title="BERT Explorer", page_icon=str(ICON), layout="wide")
apply_style()
page = st.navigation(PAGES)
greet_browser()
if current_owner() is not None:  # the browser has drawn the page: torch may be read now
    warm_up()
show_model_bar()
body, foot = st.container(), st.container()
with foot:
    show_footer()
with body, guard():
    page.run()
