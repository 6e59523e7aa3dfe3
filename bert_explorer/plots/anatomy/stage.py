"""What every stop's picture is built with: the scene, what of it is on screen, strips and blocks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bert_explorer.analysis.anatomy.encoder import LayerSteps
from bert_explorer.analysis.anatomy.scene import Scene
from bert_explorer.plots.labels import format_token
from bert_explorer.plots.matrices import (
    MAX_DIMENSIONS,
    MAX_TOKENS,
    Matrix,
    clamp_window,
    dimension_names,
    explain_cells,
    number,
)
from bert_explorer.results import FloatArray

LABEL_WIDTH = 14  # columns of a token's name
Explain = Callable[[int], str]  # of an absolute dimension or token


@dataclass(frozen=True)
class Stage:
    """A scene and the first token and dimension on screen."""

    scene: Scene
    from_token: int = 0
    from_dimension: int = 0

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(format_token(token, LABEL_WIDTH) for token in self.scene.tokens.tokens)

    @property
    def name(self) -> str:
        """The followed token's."""
        return self.names[self.scene.token]

    @property
    def steps(self) -> LayerSteps:
        assert self.scene.found is not None, "the view is a layer"
        return self.scene.found.steps

    def tokens(self, width: int = MAX_TOKENS) -> slice:
        return clamp_window(len(self.names), self.from_token, width)

    def dimensions(self, size: int) -> slice:
        return clamp_window(size, self.from_dimension, MAX_DIMENSIONS)

    def strip(
        self,
        symbol: str,
        title: str,
        vector: FloatArray,
        *,
        how: Explain | None = None,
        colour: str = "x",
        sign: str = "",
        row: str | None = None,
    ) -> Matrix:
        """One vector as a row; ``how(d)`` explains its dimension d."""
        window = self.dimensions(len(vector))
        return Matrix(
            symbol=symbol,
            title=title,
            values=vector[None, window],
            rows=(self.name if row is None else row,),
            columns=dimension_names(window),
            shape=(1, len(vector)),
            start=(0, window.start),
            how=() if how is None else tuple(how(d) for d in range(window.start, window.stop)),
            colour=colour,
            sign=sign,
        )

    def token_strip(
        self,
        symbol: str,
        title: str,
        vector: FloatArray,
        *,
        how: Explain,
        colour: str,
        sign: str = "",
        sequential: bool = False,
    ) -> Matrix:
        """One number for each token as a row; ``how(j)`` explains that of token j."""
        window = self.tokens(MAX_DIMENSIONS)
        return Matrix(
            symbol=symbol,
            title=title,
            values=vector[None, window],
            rows=(self.name,),
            columns=self.names[window],
            shape=(1, len(vector)),
            start=(0, window.start),
            axes=("", "token"),
            how=tuple(how(j) for j in range(window.start, window.stop)),
            colour=colour,
            sign=sign,
            scale="sequential" if sequential else "diverging",
        )

    def block(
        self,
        symbol: str,
        title: str,
        array: FloatArray,
        *,
        how: Callable[[int, int], str],
        colour: str = "x",
        sign: str = "",
    ) -> Matrix:
        """All tokens' vectors (seq_len, size), a row each; ``how(j, d)`` explains a cell."""
        rows, columns = self.tokens(), self.dimensions(array.shape[1])
        return Matrix(
            symbol=symbol,
            title=title,
            values=array[rows, columns],
            rows=self.names[rows],
            columns=dimension_names(columns),
            shape=(array.shape[0], array.shape[1]),
            start=(rows.start, columns.start),
            axes=("token", "dimension"),
            how=explain_cells(
                array[rows, columns], lambda row, column: how(row + rows.start, column + columns.start)
            ),
            colour=colour,
            sign=sign,
            marked_row=self.marked(rows),
        )

    def marked(self, rows: slice) -> int | None:
        """Where the followed token stands in a window of tokens."""
        token = self.scene.token
        return token - rows.start if rows.start <= token < rows.stop else None


def add_text(*values: float) -> str:
    """ "a + b + c" with three decimals; negative numbers in brackets."""
    parts = [
        number(value) if value >= 0 or i == 0 else f"({number(value)})" for i, value in enumerate(values)
    ]
    return " + ".join(parts)


def norm_text(x: FloatArray, gain: FloatArray, shift: FloatArray | None, epsilon: float) -> Explain:
    """Explains each dimension of a layer norm of the vector ``x``."""
    mean, spread = float(x.mean()), float(np.sqrt(x.var() + epsilon))

    def explain(d: int) -> str:
        text = f"{number(gain[d])} × ({number(x[d])} − {number(mean)}) / {number(spread)}"
        return text if shift is None else f"{text} + {number(shift[d])}"

    return explain


def pick(vectors: Sequence[FloatArray], d: int) -> tuple[float, ...]:
    """Number ``d`` of each vector."""
    return tuple(float(vector[d]) for vector in vectors)
