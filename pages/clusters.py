"""Groups: which groups do these texts form?"""

from functools import partial

import streamlit as st

from bert_explorer.results import Capability, ModelInfo
from bert_explorer.ui.answers import long_answer, remember
from bert_explorer.ui.cluster_views import choose_grouping, draw_groups, show_group_files, show_groups
from bert_explorer.ui.embedding_inputs import choose_layer, choose_pooling
from bert_explorer.ui.embedding_questions import TextsQuestion
from bert_explorer.ui.explanations import show_explanation
from bert_explorer.ui.frame import show_heading
from bert_explorer.ui.guard import guard
from bert_explorer.ui.long_texts import note_long_texts
from bert_explorer.ui.model_bar import require_model
from bert_explorer.ui.similarity_code import groups_code
from bert_explorer.ui.text_sources import ask_collection
from bert_explorer.ui.texts import similarity as text


def show_clusters(model: ModelInfo) -> None:
    files, code = None, None
    with guard():
        texts = ask_collection("Texts to group", "Group the texts")
        if texts is not None:
            with st.container(horizontal=True, gap="medium"):
                grouping = choose_grouping(texts)
                layer = choose_layer(model)
                pooling = choose_pooling()
            question = TextsQuestion(texts.texts, layer, pooling)
            code = groups_code(question, model.ref, method=grouping.method, number=grouping.number)
            embeddings = long_answer("clusters", model.ref, question, "Reading")
            if embeddings is not None:
                note_long_texts(model, texts.texts)
                asked = (model.ref, question, grouping)
                found = remember("groups", asked, lambda: grouping.run(texts, embeddings))
                points = remember("groups map", asked, lambda: draw_groups(embeddings, found))
                shown = show_groups(points, found, texts, model.ref)
                files = partial(show_group_files, points, shown, texts)
    show_explanation(text.CLUSTERS_EXPLANATION, code=code, downloads=files)


show_heading(text.CLUSTERS_PAGE)
show_clusters(require_model(Capability.EMBEDDINGS))
