"""What the page Inside asks: the picture of one stop of the walk."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bert_explorer.plots.matrices import Picture

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine


@dataclass(frozen=True)
class StopQuestion:
    """What does ``stop`` look like for this token, layer and head (from 0)?

    A token behind the end of the text becomes its last one. The picture's window begins at ``from_token`` and
    ``from_dimension``, or as near to them as the end allows.
    """

    text: str
    pair: str | None
    stop: str
    layer: int
    head: int
    token: int
    from_token: int = 0
    from_dimension: int = 0

    def ask(self, engine: "Engine") -> Picture:
        from bert_explorer.analysis.anatomy.scene import set_scene
        from bert_explorer.plots.anatomy import STOPS, draw_stop
        from bert_explorer.plots.anatomy.stage import Stage

        last = len(engine.tokenize(self.text, self.pair)) - 1
        scene = set_scene(
            engine,
            self.text,
            self.pair,
            STOPS[self.stop].view,
            layer=self.layer,
            head=self.head,
            token=min(self.token, last),
        )
        return draw_stop(self.stop, Stage(scene, self.from_token, self.from_dimension))

    def code(self, model: str) -> str:
        return f"""\
from bert_explorer.analysis.anatomy.attention import attention_scores, attention_weights
from bert_explorer.analysis.anatomy.walk import trace_layer, trace_text
from bert_explorer.models.cache import open_model

layer, head, token = {self.layer}, {self.head}, {self.token}  # counted from 0
with open_model({model!r}) as engine:
    trace = trace_text(engine, {self.text!r}, {self.pair!r})
    found = trace_layer(engine, trace, layer)

parts = found.steps.projections  # query, key, value: (head, token, dimension)
scores, weights = attention_scores(parts)[head, token], attention_weights(parts)[head, token]
for name, score, weight in zip(trace.tokens.tokens, scores, weights):
    print(f"{{name:15}} {{score:8.3f}} {{weight:6.3f}}")
print("largest difference from the model:", max(found.differences.values()))
"""
