"""Heads: what does each head do, over many texts?"""

from bert_explorer.results import Capability, ModelInfo
from bert_explorer.ui.answers import long_answer
from bert_explorer.ui.beside_inside import show_heads_beside
from bert_explorer.ui.explanations import show_explanation
from bert_explorer.ui.frame import show_heading
from bert_explorer.ui.guard import guard
from bert_explorer.ui.head_inputs import ask_atlas, choose_head
from bert_explorer.ui.head_views import show_atlas, show_head
from bert_explorer.ui.model_bar import require_model
from bert_explorer.ui.relation_answers import answer_relations, known_relations
from bert_explorer.ui.texts import heads as text


def show_heads(model: ModelInfo) -> None:
    files, code = None, None
    with guard():
        question = ask_atlas()
        code = question.code(model.ref)
        atlas = long_answer("heads", model.ref, question, "Texts read")
        if atlas is not None:
            chosen = choose_head(model, atlas.statistics)
            code = question.code(model.ref, statistic=chosen.statistic)
            wanted = chosen.statistic == text.RELATION
            relations = answer_relations(model) if wanted else known_relations(model)
            if not wanted or relations is not None:
                files = show_atlas(atlas, relations, chosen)
            show_head(model, atlas, relations, chosen, question.texts[0])
            show_heads_beside(model, question, atlas, chosen)
    show_explanation(text.EXPLANATION, code=code, downloads=files)


show_heading(text.PAGE)
show_heads(require_model(Capability.ATTENTIONS))
