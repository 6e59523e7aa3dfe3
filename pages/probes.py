"""Probes: what can be read off a layer?"""

from functools import partial

from bert_explorer.results import Capability, ModelInfo
from bert_explorer.ui.beside_embeddings import show_probes_beside
from bert_explorer.ui.embedding_questions import LabelsQuestion
from bert_explorer.ui.explanations import show_explanation
from bert_explorer.ui.frame import show_heading
from bert_explorer.ui.guard import guard
from bert_explorer.ui.long_texts import note_long_texts
from bert_explorer.ui.model_bar import require_model
from bert_explorer.ui.probe_views import ask_probe, find_report, show_report, show_report_files
from bert_explorer.ui.texts import probes as text


def show_probes(model: ModelInfo) -> None:
    files, code = None, None
    with guard():
        question = ask_probe()
        if question is not None:
            code = question.code(model.ref)
            report = find_report(model.ref, question)
            if report is not None:
                if isinstance(question, LabelsQuestion):
                    note_long_texts(model, question.texts)
                show_report(report)
                files = partial(show_report_files, report)
                show_probes_beside(model, question, report)
    show_explanation(text.EXPLANATION, code=code, downloads=files)


show_heading(text.PAGE)
show_probes(require_model(Capability.EMBEDDINGS))
