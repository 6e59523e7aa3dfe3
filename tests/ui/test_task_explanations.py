"""What stands below the page Fine-tune names what is on the page."""

import re

import pytest

from bert_explorer.ui.texts.fine_tune import ROWS_VIEW
from bert_explorer.ui.texts.task_explanations import EXPLANATIONS
from bert_explorer.ui.texts.task_results import ROW_KINDS


@pytest.mark.parametrize("task", sorted(ROW_KINDS))
def test_rows_to_read_are_of_a_kind_that_the_task_has(task: str) -> None:
    (read,) = (one for one in EXPLANATIONS[task].experiments if ROWS_VIEW in one.do)
    view, kind = re.findall("`(.+?)`", read.do)
    assert view == ROWS_VIEW
    assert kind in ROW_KINDS[task]
    ordered_by_certainty = "surest" in ROW_KINDS[task][kind]
    assert ("surest" in read.do) == ordered_by_certainty
