"""What a page asks a model is a question: its inputs as one frozen value, and the one call.

A question can be compared and hashed, so that a page asks only when something changed, and stored
with its answer (see stored.py). Its ``code`` gives a program that prints the same answer. They stand in
masked_, pretraining_, attention_, embedding_, head_, sentence_, writing_ and explain_questions.
"""

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from bert_explorer.analysis.embeddings import Progress
    from bert_explorer.models.engine import Engine

CODE_TEXTS = 50  # written out in a program
Answer = TypeVar("Answer", covariant=True)


class Question(Protocol[Answer]):
    """Anything that a page asks a model."""

    def ask(self, engine: "Engine") -> Answer: ...

    def __hash__(self) -> int: ...


class LongQuestion(Protocol[Answer]):
    """A question whose answer takes so long that its progress is shown."""

    def ask(self, engine: "Engine", progress: "Progress | None" = None) -> Answer: ...

    def __hash__(self) -> int: ...


def write_texts(texts: tuple[str, ...]) -> str:
    """The texts as a line of a program that assigns them; of many, the first."""
    shown = texts[:CODE_TEXTS]
    note = f"  # the first {CODE_TEXTS} of {len(texts):,}" if len(texts) > CODE_TEXTS else ""
    lines = "\n".join(f"    {text!r}," for text in shown)
    return f"texts = [{note}\n{lines}\n]"
