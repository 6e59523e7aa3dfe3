"""Pictures of attention: projections, products, scores, weights, mixture, heads."""

import numpy as np

from bert_explorer.analysis.anatomy.attention import (
    Projections,
    attention_scores,
    attention_weights,
    join_heads,
    split_heads,
)
from bert_explorer.plots.anatomy.input_stops import Drawn
from bert_explorer.plots.anatomy.stage import Stage
from bert_explorer.plots.matrices import (
    MAX_TOKENS,
    Matrix,
    clamp_window,
    dimension_names,
    explain_cells,
    number,
    sum_text,
)
from bert_explorer.results import FloatArray

WEIGHT_ROWS = 16  # of a projection that are shown


def draw_projections(stage: Stage) -> Drawn:
    """Input, the query's projection, and query, key and value of the followed token."""
    scene, steps, head = stage.scene, stage.steps, stage.scene.head
    x = steps.attended[scene.token]
    parts = {"query": steps.projections.query, "key": steps.projections.key, "value": steps.projections.value}
    drawn = [stage.strip("x", "what the layer gets", x)]
    maps = {name: _head_map(stage, name) for name in parts}
    drawn.append(_map_block(stage, maps["query"][0], x))
    for (name, vectors), symbol in zip(parts.items(), "qkv", strict=True):
        matrix, bias = maps[name]
        turned = " (before the turn by its position)" if _is_turned(stage, name) else ""

        def explain(d: int, matrix: FloatArray = matrix, bias: FloatArray | None = bias) -> str:
            return sum_text(x, matrix[d], None if bias is None else float(bias[d])) + turned  # noqa: B023

        drawn.append(
            stage.strip(
                symbol,
                f"its {name}",
                vectors[head, scene.token],
                how=explain,
                colour=symbol,
                sign="=" if name == "query" else "",
            )
        )
    size = parts["query"].shape[-1]
    note = f"{len(x):,} numbers come in; each of the {scene.blueprint.num_heads} heads makes {size} of them."
    return tuple(drawn), note


def _is_turned(stage: Stage, name: str) -> bool:
    return bool(stage.scene.blueprint.rotary_bases) and name != "value"


def _head_map(stage: Stage, name: str) -> tuple[FloatArray, FloatArray | None]:
    """One head's rows (head_size, hidden_size) and biases (head_size,) of a projection."""
    arrays, head = stage.scene.weights.arrays, stage.scene.head
    if "qkv.weight" in arrays:
        third = ("query", "key", "value").index(name)
        weight, bias = np.split(arrays["qkv.weight"], 3)[third], arrays.get("qkv.bias")
        bias = None if bias is None else np.split(bias, 3)[third]
    else:
        weight, bias = arrays[f"{name}.weight"], arrays.get(f"{name}.bias")
    size = len(weight) // stage.scene.blueprint.num_heads
    rows = slice(head * size, (head + 1) * size)
    return weight[rows], None if bias is None else bias[rows]


def _map_block(stage: Stage, weight: FloatArray, x: FloatArray) -> Matrix:
    """W_Q as it is multiplied: a row for each number of x, a column for each of q."""
    whole = weight.T
    rows = clamp_window(whole.shape[0], stage.from_dimension, WEIGHT_ROWS)
    columns = stage.dimensions(whole.shape[1])
    values = whole[rows, columns]
    return Matrix(
        symbol="W_Q",
        title=f"the query's weights in head {stage.scene.head + 1}",
        values=values,
        rows=dimension_names(rows),
        columns=dimension_names(columns),
        shape=(whole.shape[0], whole.shape[1]),
        start=(rows.start, columns.start),
        axes=("dimension", "dimension"),
        how=explain_cells(
            values,
            lambda i, j: (
                f"adds {number(x[i + rows.start])} × {number(values[i, j])} to this query's number "
                f"{j + columns.start + 1}"
            ),
        ),
        colour="w",
        sign="×",
    )


def draw_products(stage: Stage) -> Drawn:
    """Query times key, dimension by dimension: what a neuron view shows."""
    scene, parts = stage.scene, stage.steps.projections
    query, keys = parts.query[scene.head, scene.token], parts.key[scene.head]
    products = query * keys  # (seq_len, head_size)
    drawn = (
        stage.strip("q", "query of the token", query, colour="q"),
        stage.block(
            "k",
            "keys of all tokens",
            keys,
            how=lambda j, _: f"key of '{stage.names[j]}'",
            colour="k",
            sign="×",
        ),
        stage.block(
            "q k",
            "products, dimension by dimension",
            products,
            how=lambda j, d: f"{number(query[d])} × {number(keys[j, d])}",
            colour="s",
            sign="=",
        ),
        stage.token_strip(
            "q·k",
            "sum of each row of products",
            products.sum(axis=-1),
            how=lambda j: sum_text(query, keys[j]),
            colour="s",
            sign="Σ",
        ),
    )
    best = int(products.sum(axis=-1).argmax())
    return drawn, f"The largest sum is with '{stage.names[best]}'."


def draw_scores(stage: Stage) -> Drawn:
    """The sums divided by a root, and the mask (and what MPNet and DeBERTa add for the distance)."""
    scene, parts = stage.scene, stage.steps.projections
    raw = parts.key[scene.head] @ parts.query[scene.head, scene.token]
    size = parts.terms * parts.query.shape[-1]
    root = float(parts.root)
    scaled = raw / parts.root
    bias = _bias_row(parts, scene.head, scene.token)
    added = np.zeros_like(scaled) if bias is None else bias
    scores = scaled + added
    drawn = (
        stage.token_strip("q·k", "products", raw, how=lambda _: "the sum of the stop before", colour="s"),
        stage.token_strip(
            "q·k/√d" if parts.terms == 1 else f"q·k/√({parts.terms}d)",
            f"divided by √{size} = {root:.3f}",
            scaled,
            how=lambda j: f"{number(raw[j])} / {root:.3f}",
            colour="s",
            sign="=",
        ),
        stage.token_strip(
            "m" if parts.terms == 1 else "r",
            "mask" if parts.terms == 1 else "distance against query and key",
            added,
            how=lambda j: _why(added[j], parts.terms),
            colour="x",
            sign="+",
        ),
        stage.token_strip(
            "s",
            "scores",
            scores,
            how=lambda j: f"{number(scaled[j])} + {number(added[j])}",
            colour="s",
            sign="=",
        ),
    )
    return drawn, _mask_note(scene.blueprint.family, bias)


def _bias_row(parts: Projections, head: int, token: int) -> FloatArray | None:
    if parts.bias is None:
        return None
    row: FloatArray = parts.bias[min(head, len(parts.bias) - 1), token]
    return row


def _why(added: float, terms: int) -> str:
    if terms > 1:
        return "what the query and the key score with the row of their distance, divided by the same root"
    if added == 0:
        return "0: this token may be looked at"
    return "−∞: outside the window of this layer" if np.isinf(added) else "learned, by the distance alone"


def _mask_note(family: str, bias: FloatArray | None) -> str:
    if bias is None:
        return "One text alone has nothing to hide; a padded one gets −∞ at its padding."
    if family == "deberta-v2":
        return (
            "DeBERTa scores the distance against the query and against the key: three products share a root."
        )
    if family == "mpnet":
        return "MPNet adds a learned number for each distance in the place of the mask."
    return "This layer looks at its neighbourhood alone: what is farther away gets −∞."


def draw_softmax(stage: Stage) -> Drawn:
    """From scores to weights, and the weights of all tokens."""
    scene, parts = stage.scene, stage.steps.projections
    scores = attention_scores(parts)[scene.head, scene.token]
    weights = attention_weights(parts)[scene.head]  # (query, key)
    largest = float(scores.max())
    grown = np.exp(scores - largest)
    total = float(grown.sum())
    drawn = (
        stage.token_strip("s", "scores", scores, how=lambda _: "from the stop before", colour="s"),
        stage.token_strip(
            "exp",
            "e to the power of score minus largest score",
            grown,
            how=lambda j: f"exp({number(scores[j])} − {number(largest)})",
            colour="s",
            sign="→",
            sequential=True,
        ),
        stage.token_strip(
            "a",
            "divided by their sum: weights",
            weights[scene.token],
            how=lambda j: f"{number(grown[j])} / {number(total)}",
            colour="a",
            sign="=",
            sequential=True,
        ),
        _weights_block(stage, weights),
    )
    best = int(weights[scene.token].argmax())
    share = f"{100 * weights[scene.token, best]:.0f} %"
    return drawn, f"'{stage.name}' gives {share} of its attention to '{stage.names[best]}'."


def _weights_block(stage: Stage, weights: FloatArray) -> Matrix:
    window = stage.tokens()
    values = weights[window, window]
    names = stage.names[window]
    return Matrix(
        symbol="A",
        title="weights of all tokens: every row sums to 1",
        values=values,
        rows=names,
        columns=names,
        shape=(weights.shape[0], weights.shape[1]),
        start=(window.start, window.start),
        axes=("token", "token"),
        how=explain_cells(values, lambda i, j: f"'{names[i]}' looks at '{names[j]}'"),
        colour="a",
        scale="sequential",
        marked_row=stage.marked(window),
    )


def draw_mixture(stage: Stage) -> Drawn:
    """Values, values times weights, and their sum."""
    scene, parts = stage.scene, stage.steps.projections
    weights = attention_weights(parts)[scene.head, scene.token]
    values = parts.value[scene.head]
    weighted = weights[:, None] * values
    drawn = (
        stage.token_strip(
            "a",
            "weights",
            weights,
            how=lambda j: f"attention to '{stage.names[j]}'",
            colour="a",
            sequential=True,
        ),
        stage.block(
            "v", "values", values, how=lambda j, _: f"value of '{stage.names[j]}'", colour="v", sign="×"
        ),
        stage.block(
            "a v",
            "each value times its weight",
            weighted,
            how=lambda j, d: f"{number(weights[j])} × {number(values[j, d])}",
            colour="v",
            sign="=",
        ),
        stage.strip(
            "z",
            "sum of each column",
            weighted.sum(axis=0),
            how=lambda d: sum_text(weights, values[:, d]),
            colour="z",
            sign="Σ",
        ),
    )
    return drawn, f"z has {values.shape[1]} numbers, as many as a value."


def draw_heads(stage: Stage) -> Drawn:
    """Weights and results of all heads for the followed token."""
    scene, parts = stage.scene, stage.steps.projections
    weights = attention_weights(parts)[:, scene.token]  # (num_heads, key)
    mixed = split_heads(stage.steps.mixed, scene.blueprint.num_heads)[:, scene.token]
    drawn = (
        _heads_block(stage, "a", "weights of the token in each head", weights, over_tokens=True),
        _heads_block(stage, "z", "result of each head", mixed, over_tokens=False),
    )
    firsts = weights.argmax(axis=1)
    return drawn, f"The {len(weights)} heads look most at {len(set(firsts.tolist()))} different tokens."


def _heads_block(stage: Stage, symbol: str, title: str, array: FloatArray, *, over_tokens: bool) -> Matrix:
    rows = clamp_window(len(array), stage.scene.head - MAX_TOKENS // 2, MAX_TOKENS)
    columns = stage.tokens(32) if over_tokens else stage.dimensions(array.shape[1])
    values = array[rows, columns]
    return Matrix(
        symbol=symbol,
        title=title,
        values=values,
        rows=tuple(f"head {i + 1}" for i in range(rows.start, rows.stop)),
        columns=stage.names[columns] if over_tokens else dimension_names(columns),
        shape=(array.shape[0], array.shape[1]),
        start=(rows.start, columns.start),
        axes=("head", "token" if over_tokens else "dimension"),
        colour=symbol,
        scale="sequential" if over_tokens else "diverging",
        marked_row=stage.scene.head - rows.start,
    )


def draw_output(stage: Stage) -> Drawn:
    """All heads side by side, and their projection back to the width of the model."""
    scene, steps = stage.scene, stage.steps
    mixed = join_heads(split_heads(steps.mixed, scene.blueprint.num_heads))[scene.token]
    matrix, bias = (scene.weights.arrays.get(f"attention_output.{kind}") for kind in ("weight", "bias"))
    assert matrix is not None
    size = len(mixed) // scene.blueprint.num_heads
    drawn = (
        stage.strip(
            "z",
            "results of all heads, side by side",
            mixed,
            how=lambda d: f"head {d // size + 1}, its dimension {d % size + 1}",
            colour="z",
        ),
        stage.strip(
            "o",
            "projected by W_O",
            steps.attention_output[scene.token],
            how=lambda d: sum_text(mixed, matrix[d], None if bias is None else float(bias[d])),
            colour="o",
            sign="→",
        ),
    )
    note = f"Dimensions {scene.head * size + 1} to {(scene.head + 1) * size} of z are head {scene.head + 1}."
    return drawn, note
