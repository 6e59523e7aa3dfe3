"""Calibration: can the model's percentages be believed?"""

from functools import partial

from bert_explorer.results import Capability, ModelInfo
from bert_explorer.ui.answers import answer
from bert_explorer.ui.calibration_views import show_calibration, show_calibration_files
from bert_explorer.ui.explanations import show_explanation
from bert_explorer.ui.frame import show_heading
from bert_explorer.ui.guard import guard
from bert_explorer.ui.model_bar import require_model
from bert_explorer.ui.sentence_questions import CalibrationQuestion
from bert_explorer.ui.texts import calibration as text


def show_page(model: ModelInfo) -> None:
    question, calibration = CalibrationQuestion(), None
    with guard():
        calibration = answer("calibration", model.ref, question)
        if calibration is not None:
            show_calibration(calibration)
    files = None if calibration is None else partial(show_calibration_files, calibration)
    show_explanation(text.EXPLANATION, code=question.code(model.ref), downloads=files)


show_heading(text.PAGE)
show_page(require_model(Capability.MASKED_LM))
