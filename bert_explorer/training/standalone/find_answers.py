"""Answer questions from texts: python predict.py FILE

FILE has a question and its text on each line, with a tab between them. Long texts are read in windows.
Prints answer, question and text. Needs the packages transformers and torch.
"""

import sys
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForQuestionAnswering, AutoTokenizer

LONGEST_ANSWER = 30  # tokens


def find_answer(tokenizer: Any, model: Any, question: str, text: str) -> str:
    """The best span of all windows, over what each window scores for no answer."""
    windows = tokenizer(
        question,
        text,
        truncation="only_second",
        stride=tokenizer.model_max_length // 6,
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
    )
    names = [name for name in tokenizer.model_input_names if name in windows]
    best = (float("-inf"), "")
    for index, offsets in enumerate(windows["offset_mapping"]):
        with torch.no_grad():
            outputs = model(**{name: torch.tensor([windows[name][index]]) for name in names})
        outside = torch.tensor([part != 1 for part in windows.sequence_ids(index)])
        starts, ends = (logits[0].masked_fill(outside, -torch.inf) for logits in outputs.to_tuple()[:2])
        spans = starts[:, None] + ends[None, :]
        is_span = torch.ones_like(spans).triu() * torch.ones_like(spans).tril(LONGEST_ANSWER - 1)
        spans = spans.masked_fill(is_span == 0, -torch.inf)
        first, last = divmod(int(spans.argmax()), len(ends))
        score = float(spans.max() - outputs.start_logits[0, 0] - outputs.end_logits[0, 0])
        silent = score <= 0 and getattr(model.config, "answers_may_be_missing", False)
        found = "" if silent else text[offsets[first][0] : offsets[last][1]].strip()
        best = max(best, (score, found))
    return best[1]


if __name__ == "__main__":
    folder = Path(__file__).parent
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForQuestionAnswering.from_pretrained(folder)
    for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines():
        question, _, text = line.partition("\t")
        print(find_answer(tokenizer, model, question, text), line, sep="\t")
