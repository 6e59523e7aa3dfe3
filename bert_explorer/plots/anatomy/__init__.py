"""The stops of the walk through a model as pictures: which view each needs, and what it draws.

``draw_stop("softmax", Stage(scene))`` gives the ``Picture`` of a stop. The names are the stops' addresses in
links, in the order of the walk.
"""

from collections.abc import Callable
from dataclasses import dataclass

from bert_explorer.analysis.anatomy.scene import View
from bert_explorer.plots.anatomy.attention_stops import (
    draw_heads,
    draw_mixture,
    draw_output,
    draw_products,
    draw_projections,
    draw_scores,
    draw_softmax,
)
from bert_explorer.plots.anatomy.input_stops import Drawn, draw_order, draw_positions, draw_sum, draw_words
from bert_explorer.plots.anatomy.output_stops import (
    draw_feed_forward,
    draw_next,
    draw_residual,
    draw_word,
)
from bert_explorer.plots.anatomy.stage import Stage
from bert_explorer.plots.matrices import Picture


@dataclass(frozen=True)
class StopPicture:
    """``view`` is what the analysis has to bring for it."""

    view: View
    draw: Callable[[Stage], Drawn]


STOPS: dict[str, StopPicture] = {
    "words": StopPicture("text", draw_words),
    "sum": StopPicture("text", draw_sum),
    "positions": StopPicture("positions", draw_positions),
    "order": StopPicture("order", draw_order),
    "projections": StopPicture("layer", draw_projections),
    "products": StopPicture("layer", draw_products),
    "scores": StopPicture("layer", draw_scores),
    "softmax": StopPicture("layer", draw_softmax),
    "mixture": StopPicture("layer", draw_mixture),
    "heads": StopPicture("layer", draw_heads),
    "output": StopPicture("layer", draw_output),
    "residual": StopPicture("layer", draw_residual),
    "feed-forward": StopPicture("layer", draw_feed_forward),
    "next": StopPicture("layer", draw_next),
    "word": StopPicture("words", draw_word),
}


def draw_stop(name: str, stage: Stage) -> Picture:
    """The picture of one stop. KeyError for a name that is no stop."""
    matrices, note = STOPS[name].draw(stage)
    scene = stage.scene
    return Picture(
        tokens=stage.names,
        matrices=matrices,
        note=note,
        difference=scene.largest_difference,
        activation=scene.blueprint.activation,
        absolute=scene.largest_absolute,
    )
