"""Which of config.TASKS a finished model was trained for."""

from bert_explorer.results import Capability, ModelInfo


def task_of(info: ModelInfo) -> str:
    """Which task a model was made for, from its head."""
    if Capability.TOKEN_CLASSIFICATION in info.capabilities:
        return "token-classification"
    if Capability.QUESTION_ANSWERING in info.capabilities:
        return "question-answering"
    if info.problem_type == "multi_label_classification":
        return "multi-label"
    if info.problem_type == "regression" or len(info.labels) == 1:
        return "regression"
    return "text-classification"
