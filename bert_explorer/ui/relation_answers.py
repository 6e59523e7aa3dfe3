"""Relations of all heads, which take a while: the bundled model's are stored, others are asked for.

A stored answer counts only where it fits the open model's layers and heads, for the bundled model may be
another one than the one that was asked.
"""

from bert_explorer.results import HeadRelations, ModelInfo
from bert_explorer.settings import get_settings
from bert_explorer.ui import state
from bert_explorer.ui.answers import long_answer
from bert_explorer.ui.head_questions import RelationsQuestion
from bert_explorer.ui.stored import BUNDLED, load_stored
from bert_explorer.ui.texts.heads import RELATION_SENTENCES

PAGE = "relations"


def answer_relations(model: ModelInfo, question: RelationsQuestion | None = None) -> HeadRelations | None:
    """The answer, or None while the model is being opened; a bar counts the sentences."""
    asked = question or RelationsQuestion(RELATION_SENTENCES)
    stored = _stored(model, asked)
    return long_answer(PAGE, model.ref, asked, "Sentences read") if stored is None else stored


def known_relations(model: ModelInfo) -> HeadRelations | None:
    """Relations of this model that are known already: stored, or asked before in this session."""
    last = state.remembered_answers().get(PAGE)
    if last is not None and last.asked[0] == model.ref:
        return last.answer  # type: ignore[no-any-return]  # session state is untyped
    return _stored(model, RelationsQuestion(RELATION_SENTENCES))


def _stored(model: ModelInfo, question: RelationsQuestion) -> HeadRelations | None:
    found = load_stored(question, get_settings()) if model.ref == BUNDLED else None
    fits = found is not None and found.hits.shape[2:] == (model.num_layers, model.num_heads)
    return found if fits else None
