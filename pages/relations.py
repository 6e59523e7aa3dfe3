"""Heads and grammar: which heads follow which grammatical relations?"""

from bert_explorer.results import Capability, ModelInfo
from bert_explorer.ui.explanations import show_explanation
from bert_explorer.ui.frame import show_heading
from bert_explorer.ui.guard import guard
from bert_explorer.ui.model_bar import require_model
from bert_explorer.ui.relation_answers import answer_relations
from bert_explorer.ui.relation_inputs import ask_relations, choose_direction
from bert_explorer.ui.relation_views import show_one_relation, show_relations
from bert_explorer.ui.texts import relations as text


def show_grammar(model: ModelInfo) -> None:
    files, code = None, None
    with guard():
        question = ask_relations()
        if question is not None:
            code = question.code(model.ref)
            found = answer_relations(model, question)
            if found is not None:
                direction = choose_direction()
                files = show_relations(found, direction, model)
                show_one_relation(found, direction)
    show_explanation(text.EXPLANATION, code=code, downloads=files)


show_heading(text.PAGE)
show_grammar(require_model(Capability.ATTENTIONS))
