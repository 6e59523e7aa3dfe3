"""Pictures of the way out: residuals, feed-forward part, the path through the layers, the word."""

import numpy as np

from bert_explorer.plots.anatomy.input_stops import Drawn, layer_names
from bert_explorer.plots.anatomy.stage import Explain, Stage, add_text, norm_text
from bert_explorer.plots.labels import format_token
from bert_explorer.plots.matrices import Matrix, dimension_names, explain_cells, number, sum_text
from bert_explorer.results import FloatArray

BEST_WORDS = 10


def draw_residual(stage: Stage) -> Drawn:
    """Input plus attention's result, and its norm."""
    steps, token = stage.steps, stage.scene.token
    return _residual(
        stage,
        ("x", "what the layer got", steps.x[token]),
        ("o", "what attention adds", steps.attention_output[token]),
        ("m", "after attention", steps.middle[token]),
        steps.attention_sum[token],
        norm="attention_norm",
    )


def draw_next(stage: Stage) -> Drawn:
    """What the feed-forward part adds, and its norm: the next layer's input."""
    steps, token = stage.steps, stage.scene.token
    last = stage.scene.layer == stage.scene.blueprint.num_layers - 1
    drawn, note = _residual(
        stage,
        ("m", "after attention", steps.middle[token]),
        ("f", "what the feed-forward part adds", steps.down[token]),
        ("y", "what the layer gives" + (" at the end" if last else " to the next one"), steps.output[token]),
        steps.output_sum[token],
        norm="final_norm" if stage.scene.blueprint.pre_norm else "output_norm",
    )
    return (*drawn, _path_block(stage)), note


Named = tuple[str, str, FloatArray]


def _residual(stage: Stage, before: Named, added: Named, after: Named, total: FloatArray, norm: str) -> Drawn:
    x, o = before[2], added[2]
    drawn = [
        stage.strip(before[0], before[1], x, colour="x"),
        stage.strip(added[0], added[1], o, colour="o", sign="+"),
        stage.strip("Σ", "sum", total, how=lambda d: add_text(float(x[d]), float(o[d])), sign="="),
    ]
    weights = stage.scene.weights
    if after[2] is not total and f"{norm}.weight" in weights.arrays and not np.array_equal(after[2], total):
        arrays = weights.arrays
        explain = norm_text(
            total, arrays[f"{norm}.weight"], arrays.get(f"{norm}.bias"), weights.epsilons[norm]
        )
        drawn.append(stage.strip(after[0], f"{after[1]}, normed", after[2], how=explain, sign="→"))
    cosine = float(x @ total / (np.linalg.norm(x) * np.linalg.norm(total)))
    return tuple(drawn), (
        f"The sum still points mostly where the input pointed: the cosine between them is {cosine:.2f}."
        if cosine > 0.5
        else f"This part turns the vector: the cosine between input and sum is {cosine:.2f}."
    )


def draw_feed_forward(stage: Stage) -> Drawn:
    """The vector made four times as wide, bent, and made narrow again."""
    scene, steps, token = stage.scene, stage.steps, stage.scene.token
    arrays = scene.weights.arrays
    read, up, active = steps.read[token], steps.up[token], steps.active[token]
    function = scene.blueprint.activation
    gated = len(up) != len(active)

    def bend(d: int) -> str:
        gate = f" × {number(up[d + len(active)])} (gate)" if gated else ""
        return f"{function}({number(up[d])}){gate}"

    drawn = (
        stage.strip("m", "what it reads", read, colour="x"),
        stage.strip("u", "widened by W₁", up, how=_map_text(read, arrays, "up"), colour="u", sign="→"),
        stage.strip("g", f"through {function}", active, how=bend, colour="u", sign="→"),
        stage.strip(
            "f",
            "narrowed by W₂",
            steps.down[token],
            how=_map_text(active, arrays, "down"),
            colour="o",
            sign="→",
        ),
    )
    awake = float((np.abs(active) > 0.5).mean())
    return drawn, f"{len(active):,} numbers inside; {100 * awake:.0f} % of them are larger than 0.5 in size."


def _map_text(x: FloatArray, arrays: dict[str, FloatArray], name: str) -> Explain:
    matrix, bias = arrays[f"{name}.weight"], arrays.get(f"{name}.bias")
    return lambda d: sum_text(x, matrix[d], None if bias is None else float(bias[d]))


def _path_block(stage: Stage) -> Matrix:
    """The followed token's vector behind the embeddings and each layer."""
    states = stage.scene.trace.hidden_states[:, stage.scene.token]  # (num_layers + 1, hidden_size)
    window = stage.dimensions(states.shape[1])
    values = states[:, window]
    names = layer_names(len(states))
    return Matrix(
        symbol="h",
        title=f"'{stage.name}' behind each layer",
        values=values,
        rows=names,
        columns=dimension_names(window),
        shape=(states.shape[0], states.shape[1]),
        start=(0, window.start),
        how=explain_cells(values, lambda i, _: f"behind {names[i]}"),
        colour="x",
        marked_row=stage.scene.layer + 1,
    )


def draw_word(stage: Stage) -> Drawn:
    """From the last hidden state to the likeliest words."""
    word = stage.scene.word
    assert word is not None, "the view is the word head"
    steps, arrays = word.steps, stage.scene.weights.arrays
    best = np.argsort(-steps.log_probabilities, kind="stable")[:BEST_WORDS]
    names = tuple(format_token(stage.scene.vocabulary[i] or f"[row {i}]", 14) for i in best)
    table, bias = arrays["decoder.weight"], arrays.get("decoder.bias")
    drawn = (
        stage.strip("h", "behind the last layer", steps.hidden, colour="x"),
        stage.strip("t", "through the head's layer, GELU and norm", steps.transformed, colour="t", sign="→"),
        _table_block(stage, table[best], names, len(table)),
        _word_strip(
            "l",
            "logits",
            steps.logits[best],
            names,
            tuple(
                sum_text(steps.transformed, table[i], None if bias is None else float(bias[i])) for i in best
            ),
            sign="=",
        ),
        _word_strip(
            "p",
            "probabilities",
            np.exp(steps.log_probabilities[best]),
            names,
            tuple(f"exp({number(steps.logits[i])}) / sum over {len(table):,} words" for i in best),
            sign="→",
        ),
    )
    probability = 100 * float(np.exp(steps.log_probabilities[best[0]]))
    return drawn, f"At the place of '{stage.name}' the head says '{names[0]}' with {probability:.1f} %."


def _table_block(stage: Stage, rows: FloatArray, names: tuple[str, ...], size: int) -> Matrix:
    window = stage.dimensions(rows.shape[1])
    return Matrix(
        symbol="E",
        title="the word table's rows of the best words",
        values=rows[:, window],
        rows=names,
        columns=dimension_names(window),
        shape=(size, rows.shape[1]),
        start=(0, window.start),
        colour="e",
        sign="·",
    )


def _word_strip(
    symbol: str, title: str, values: FloatArray, names: tuple[str, ...], how: tuple[str, ...], sign: str
) -> Matrix:
    return Matrix(
        symbol=symbol,
        title=title,
        values=values[None],
        rows=("",),
        columns=names,
        shape=(1, len(values)),
        axes=("", ""),
        how=how,
        colour="a" if symbol == "p" else "s",
        sign=sign,
        scale="sequential" if symbol == "p" else "diverging",
    )
