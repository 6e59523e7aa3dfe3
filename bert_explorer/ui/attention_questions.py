"""What the page Attention asks: every head's weights, and which tokens matter."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bert_explorer.results import AttentionSummaries, CompactAttention

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine


@dataclass(frozen=True)
class AttentionQuestion:
    """Who looks at whom, in every head of every layer?"""

    text: str
    pair: str | None = None

    def ask(self, engine: "Engine") -> CompactAttention:
        from bert_explorer.analysis.attention import compute_whole_attention

        return compute_whole_attention(engine, self.text, self.pair)

    def code(self, model: str, *, layer: int = 0, head: int = 0) -> str:
        return f"""\
from bert_explorer.analysis.attention import compute_attention
from bert_explorer.models.cache import open_model

layer, head = {layer}, {head}  # counted from 0
with open_model({model!r}) as engine:
    answer = compute_attention(engine, {self.text!r}, {self.pair!r}, layers=[layer])

weights = answer.attentions[0, head]  # (query, key), every row sums to 1
for token, row in zip(answer.tokens.tokens, weights):
    print(f"{{token:15}} looks most at {{answer.tokens.tokens[row.argmax()]:15}} {{row.max():.3f}}")
"""


@dataclass(frozen=True)
class SummariesQuestion:
    """Which tokens matter for a prediction: of mask number ``mask`` (from 0), or of a class?"""

    text: str
    pair: str | None = None
    mask: int = 0
    target: str | None = None

    def ask(self, engine: "Engine") -> AttentionSummaries:
        from bert_explorer.analysis.attention_summaries import compute_summaries

        return compute_summaries(engine, self.text, self.pair, mask=self.mask, target=self.target)

    def code(self, model: str) -> str:
        return f"""\
from bert_explorer.analysis.attention_summaries import compute_summaries
from bert_explorer.models.cache import open_model

with open_model({model!r}) as engine:
    answer = compute_summaries(engine, {self.text!r}, {self.pair!r}, mask={self.mask}, target={self.target!r})

print("token".ljust(15), *answer.methods, answer.prediction)
for token, scores in zip(answer.tokens.tokens, answer.scores.T):
    print(token.ljust(15), *(f"{{score:8.4f}}" for score in scores))
"""
