"""Pictures of the way in: word rows, the sum of embeddings, positions, order."""

import numpy as np

from bert_explorer.analysis.anatomy.attention import rotate
from bert_explorer.analysis.anatomy.disentangled import distance_table
from bert_explorer.analysis.anatomy.embeddings import position_ids, similarity
from bert_explorer.plots.anatomy.stage import Stage, add_text, norm_text, pick
from bert_explorer.plots.matrices import (
    MAX_DIMENSIONS,
    Matrix,
    clamp_window,
    dimension_names,
    explain_cells,
    number,
    sum_text,
)
from bert_explorer.results import FloatArray

POSITIONS_SHOWN = 24
Drawn = tuple[tuple[Matrix, ...], str]  # the matrices, and a line about them


def draw_words(stage: Stage) -> Drawn:
    """The row of the word table of each token."""
    trace = stage.scene.trace
    ids = trace.tokens.input_ids
    words = trace.embeddings.word
    block = stage.block(
        "E",
        "word embeddings, one row of the table a token",
        words,
        how=lambda j, d: f"row {ids[j]:,} of the table of words, column {d + 1}",
        colour="e",
    )
    rows = f"{len(stage.scene.vocabulary):,} words × {words.shape[1]:,} dimensions"
    return (block,), f"'{stage.name}' has the number {ids[stage.scene.token]:,} in the table of {rows}."


def draw_sum(stage: Stage) -> Drawn:
    """Word, position and segment of the followed token, their sum, and its norm."""
    scene, token = stage.scene, stage.scene.token
    parts, weights = scene.trace.embeddings, scene.weights
    place = int(position_ids(scene.tokens.input_ids, scene.blueprint.position_pad_id)[token])
    segment = int(scene.trace.segment_ids[token])
    named: list[tuple[str, str, FloatArray, str]] = [("E", "word embedding", parts.word[token], "e")]
    if parts.position is not None:
        named.append(("P", f"position embedding, row {place}", parts.position[token], "p"))
    if parts.segment is not None:
        named.append(("S", f"segment embedding, row {segment}", parts.segment[token], "s"))
    vectors = [vector for _, _, vector, _ in named]
    total = parts.total[token]
    drawn = [
        stage.strip(symbol, title, vector, colour=colour, sign="+" if i else "")
        for i, (symbol, title, vector, colour) in enumerate(named)
    ]
    if len(named) > 1:
        drawn.append(stage.strip("Σ", "sum", total, how=lambda d: add_text(*pick(vectors, d)), sign="="))
    arrays = weights.arrays
    explain = norm_text(total, arrays["norm.weight"], arrays.get("norm.bias"), weights.epsilons["norm"])
    drawn.append(stage.strip("h", "after the layer norm", parts.normed[token], how=explain, sign="→"))
    if parts.output is not parts.normed:
        matrix, bias = arrays["project.weight"], arrays.get("project.bias")
        normed = parts.normed[token]
        drawn.append(
            stage.strip(
                "h′",
                "projected to the width of the layers",
                parts.output[token],
                how=lambda d: sum_text(normed, matrix[d], None if bias is None else float(bias[d])),
                sign="→",
            )
        )
    note = f"Mean {number(float(total.mean()))} and spread {number(float(total.std()))} before the norm."
    return tuple(drawn), note


def draw_positions(stage: Stage) -> Drawn:
    """How alike every two position embeddings are; without a table, what takes its place."""
    scene = stage.scene
    if "position.weight" in scene.weights.arrays:
        pad_id = scene.blueprint.position_pad_id
        first = 0 if pad_id is None else pad_id + 1  # rows before are no positions
        table = scene.weights.arrays["position.weight"][first:]
        note = f"{len(table):,} positions; the window is moved with the arrow keys beyond its edge."
        title = "cosine of the angle between two position embeddings"
    elif scene.blueprint.rotary_bases:
        size = scene.trace.hidden_states.shape[-1] // scene.blueprint.num_heads
        ones = np.ones((1, len(scene.tokens), size), dtype=np.float32)
        table = rotate(ones, scene.blueprint.rotary_bases[scene.layer])[0]
        note = "This family has no table of positions: it turns queries and keys by their place."
        title = "cosine of one vector turned to two places"
    elif scene.blueprint.disentangled is not None:
        table, span = distance_table(scene.weights), scene.blueprint.disentangled.span
        note = f"{len(table):,} rows, one for each distance; row {span + 1} is that of a token from itself."
        title = "cosine of the angle between the rows of two distances"
    else:
        raise AssertionError("every family knows positions")
    window = clamp_window(len(table), stage.from_token, POSITIONS_SHOWN)
    return (_similarity_block(similarity(table[window]), window, len(table), title),), note


def _similarity_block(values: FloatArray, window: slice, size: int, title: str) -> Matrix:
    names = dimension_names(window)
    return Matrix(
        symbol="cos",
        title=title,
        values=values,
        rows=names,
        columns=names,
        shape=(size, size),
        start=(window.start, window.start),
        axes=("position", "position"),
        how=explain_cells(values, lambda i, j: f"positions {names[i]} and {names[j]}"),
        colour="p",
    )


def draw_order(stage: Stage) -> Drawn:
    """How much each token changes in each layer when the followed one and its neighbour swap places."""
    swap = stage.scene.swap
    assert swap is not None, "the view is the order"
    pair = f"'{stage.names[swap.first]}' and '{stage.names[swap.second]}'"
    limit = float(swap.changes.max())
    title = f"change of each token when {pair} swap places"
    drawn = [_changes_block(stage, swap.changes, title, "c", limit)]
    if swap.without_positions is not None:
        title = "the same with all position embeddings set to 0"
        drawn.append(_changes_block(stage, swap.without_positions, title, "c₀", limit))
        largest = f"Without positions nothing changes: at most {swap.without_positions.max():.0e}."
    else:
        largest = "This family brings in positions inside its attention, so they cannot be taken out here."
    return tuple(drawn), largest


def _changes_block(stage: Stage, changes: FloatArray, title: str, symbol: str, limit: float) -> Matrix:
    window = stage.tokens(MAX_DIMENSIONS)
    values = changes[:, window]
    return Matrix(
        symbol=symbol,
        title=title,
        values=values,
        rows=layer_names(len(changes)),
        columns=stage.names[window],
        shape=(changes.shape[0], changes.shape[1]),
        start=(0, window.start),
        axes=("", "token"),
        how=explain_cells(values, lambda i, j: f"{100 * values[i, j]:.1f} % of the vector's length"),
        colour="a",
        scale="sequential",
        limit=limit,
    )


def layer_names(count: int) -> tuple[str, ...]:
    """Of ``count`` hidden states: the embeddings, then the layers, counted from 1."""
    return ("embeddings", *(f"layer {i}" for i in range(1, count)))
