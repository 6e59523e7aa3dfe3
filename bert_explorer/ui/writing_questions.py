"""What the pages Two templates and Writing ask."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bert_explorer.analysis.templates import TemplateComparison
    from bert_explorer.analysis.writing import Recipe, WritingStep
    from bert_explorer.models.engine import Engine


@dataclass(frozen=True)
class TemplatesQuestion:
    """Which words does the difference between two sentences make likelier at their masks?"""

    first: str
    second: str

    def ask(self, engine: "Engine") -> "TemplateComparison":
        from bert_explorer.analysis.templates import compare_templates

        return compare_templates(engine, self.first, self.second)

    def code(self, model: str, *, count: int) -> str:
        return f"""\
from bert_explorer.analysis.templates import compare_templates
from bert_explorer.models.cache import open_model

with open_model({model!r}) as engine:
    answer = compare_templates(engine, {self.first!r}, {self.second!r})

for side in answer.most_different({count}):
    for i in side:
        print(f"{{answer.tokens[i]:15}} {{answer.differences[i]:+.3f}}")
"""


@dataclass(frozen=True)
class WritingQuestion:
    """What comes out when hidden words are drawn, one after the other?"""

    recipe: "Recipe"

    def ask(self, engine: "Engine") -> "tuple[WritingStep, ...]":
        from bert_explorer.analysis.writing import write

        return write(engine, self.recipe)

    def code(self, model: str) -> str:
        return f"""\
from bert_explorer.analysis.writing import Recipe, join_tokens, write
from bert_explorer.models.cache import open_model

recipe = {self.recipe!r}
with open_model({model!r}) as engine:
    steps = write(engine, recipe)

for step in steps:
    print(f"{{step.place:3}} {{step.token:15}} {{step.probability:.4f}}")
print(join_tokens(steps[-1].tokens))
"""
