"""The held-out rows of the model in the bar, for the browser that trained it and no other."""

from bert_explorer.errors import RunError
from bert_explorer.results import ModelInfo
from bert_explorer.settings import get_settings
from bert_explorer.ui.owner import current_owner

Row = tuple[str, str | None]  # a text, and its second text


def own_held_out(model: ModelInfo) -> list[Row]:
    """Texts in the order of the file; none for models without any, and for runs of others."""
    kind, _, run_id = model.ref.partition(":")
    owner = current_owner()
    if kind != "run" or owner is None or not _is_own(run_id, owner):
        return []
    from bert_explorer.run_analyses.rows import held_out_texts

    try:
        return held_out_texts(run_id, get_settings())
    except RunError:
        return []


def _is_own(run_id: str, owner: str) -> bool:
    from bert_explorer.ui.runs import visible_run

    return visible_run(run_id, owner).belongs_to(owner)
