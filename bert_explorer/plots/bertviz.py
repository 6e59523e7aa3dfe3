"""bertviz's head view and model view (Vig 2019) as one HTML page that needs nothing from outside.

The drawing code is bertviz's own JavaScript, read from the installed package; everything around it
is ours, because bertviz's page loads its libraries from a CDN, pastes tokens unescaped into
``<script>``, and writes all weights twice with 17 digits. Here d3 and jQuery are in the page, tokens
are escaped, weights are written once in thousandths, and a content security policy lets exactly the
three scripts of the page run and nothing be fetched.

Layers and heads count from 0 in the arguments and from 1 on the page.
"""

import html
import importlib.util
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from string import Template
from typing import Any, Literal

import numpy as np

from bert_explorer.errors import InputError
from bert_explorer.plots.labels import format_token
from bert_explorer.plots.safe_page import dump_json, security_policy
from bert_explorer.results import Attention, Tokens
from bert_explorer.settings import get_settings

Theme = Literal["auto", "light", "dark"]
SCHEMES: dict[Theme, str] = {"auto": "light dark", "light": "light", "dark": "dark"}

HEAD_VIEW_LABEL_WIDTH = 14  # columns that fit bertviz's 110 pixels
MODEL_VIEW_LABEL_WIDTH = 12  # ... and its 80 pixels
HEAD_VIEW_WIDTH, MODEL_VIEW_WIDTH = 335, 970  # pixels, fixed in bertviz
MAX_LINES = 300_000  # one SVG line a weight drawn: beyond this browsers freeze
MAX_HTML_BYTES = 20_000_000

PARAMS_MARKER = "const params = PYTHON_PARAMS;"
REQUIRE_CONFIG = re.compile(r"require\.config\(\{.*?\}\s*\);", re.DOTALL)  # the CDN addresses
HEAD_VIEW_NOTE = (
    "Point at a token to see only its lines. Click a square to hide or show a head, "
    "double-click to keep only that head."
)
MODEL_VIEW_NOTE = (
    "Every head of every layer shown. Click one to enlarge it, then point at a token on its left."
)


def head_view_html(
    attention: Attention,
    *,
    layer: int | None = None,
    heads: Sequence[int] | None = None,
    theme: Theme = "auto",
) -> str:
    """Page with lines between tokens, coloured by head, one layer at a time.

    Starts at ``layer`` (default: the first at hand) with ``heads`` shown (default: all). Raises
    InputError where the text is too long to draw.
    """
    num_heads = attention.attentions.shape[1]
    _check_lines(num_heads, len(attention.tokens), "fewer words")
    start = attention.layers[0] if layer is None else layer
    if start not in attention.layers:
        raise ValueError(f"layer {start} is not among {attention.layers}")
    params = {"layer": start + 1, "heads": None if heads is None else list(heads)}
    numbers = "".join(f"<span>{head}</span>" for head in range(1, num_heads + 1))
    return _fill_page(
        attention,
        script="head_view.js",
        params=params,
        label_width=HEAD_VIEW_LABEL_WIDTH,
        theme=theme,
        title="Attention head view",
        width=HEAD_VIEW_WIDTH,
        controls='<label>Layer <select id="layer"></select></label>',
        head_numbers=numbers,
        note=HEAD_VIEW_NOTE,
    )


def model_view_html(
    attention: Attention, *, heads: Sequence[int] | None = None, theme: Theme = "auto"
) -> str:
    """Page with a thumbnail of every head (or of ``heads``) of every layer at hand.

    Raises InputError where there is more than a browser can draw.
    """
    num_heads = attention.attentions.shape[1]
    chosen = list(range(num_heads)) if heads is None else list(heads)
    shown = Attention(attention.tokens, attention.layers, attention.attentions[:, chosen])
    _check_lines(
        len(shown.layers) * len(chosen), len(shown.tokens), "fewer layers, fewer heads or fewer words"
    )
    params = {"include_heads": [head + 1 for head in chosen], "total_heads": len(chosen)}
    return _fill_page(
        shown,
        script="model_view.js",
        params=params,
        label_width=MODEL_VIEW_LABEL_WIDTH,
        theme=theme,
        title="Attention model view",
        width=MODEL_VIEW_WIDTH,
        controls="",
        head_numbers="",
        note=MODEL_VIEW_NOTE,
    )


def head_view_height(attention: Attention) -> int:
    """Pixels that the head view needs, its controls and note included.

    Give a frame this height: Streamlit measures a frame without one by a script of its own, which the
    page's security policy refuses.
    """
    return 150 + int(30 + 22.5 * len(attention.tokens))


def model_view_height(attention: Attention, num_heads_shown: int | None = None) -> int:
    """Pixels that the model view needs: its thumbnails, or one head enlarged."""
    heads = num_heads_shown or attention.attentions.shape[1]
    thumbnails = 38 + len(attention.layers) * (10 + len(attention.tokens) * 84 / heads)
    enlarged = 55 + 18 * len(attention.tokens)
    return 110 + int(max(thumbnails, enlarged))


def _fill_page(
    attention: Attention,
    *,
    script: str,
    params: dict[str, Any],
    label_width: int,
    theme: Theme,
    controls: str,
    **texts: Any,
) -> str:
    views = _sentence_views(attention.tokens)
    packed = {
        "thousandths": np.rint(attention.attentions * 1000).astype(int).tolist(),
        "tokens": [format_token(token, label_width) for token in attention.tokens.tokens],
        "views": views,
        "theme": theme,
        "params": params
        | {
            "default_filter": "0",
            "root_div_id": "bertviz",
            "include_layers": [layer + 1 for layer in attention.layers],
        },
    }
    scripts = {
        "d3": _read_asset("d3/d3.min.js"),
        "jquery": _read_asset("jquery/jquery.min.js"),
        "view": _read_asset("bertviz_params.js") + _insert_params(script, packed),
    }
    page = Template(_read_asset("bertviz.html")).substitute(
        texts,
        policy=security_policy(scripts.values()),
        scheme=SCHEMES[theme],
        controls=controls + _view_choice(views),
        **scripts,
    )
    return _check_size(page)


def _sentence_views(tokens: Tokens) -> list[dict[str, Any]]:
    """The whole sequence, and for a pair each direction between its two sentences."""
    whole = [0, len(tokens)]
    views = [{"name": "All", "left": whole, "right": whole}]
    if 1 in tokens.sequence_ids:
        second = tokens.sequence_ids.index(1)
        sides = {"A": [0, second], "B": [second, len(tokens)]}
        views += [
            {"name": f"Sentence {a} → Sentence {b}", "left": sides[a], "right": sides[b]}
            for a, b in ("AA", "BB", "AB", "BA")
        ]
    return views


def _view_choice(views: list[dict[str, Any]]) -> str:
    if len(views) == 1:
        return ""
    options = (f'<option value="{i}">{html.escape(view["name"])}</option>' for i, view in enumerate(views))
    return f'<label>Attention <select id="filter">{"".join(options)}</select></label>'


def _insert_params(script: str, packed: dict[str, Any]) -> str:
    source = _read_bertviz(script)
    return source.replace(PARAMS_MARKER, f"const params = unpackParams({dump_json(packed)});", 1)


@cache
def _read_bertviz(script: str) -> str:
    """bertviz's script without its CDN addresses. The package is not imported: that would load torch."""
    spec = importlib.util.find_spec("bertviz")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("bertviz is not installed: run `pip install -r requirements.txt`")
    source = (Path(spec.submodule_search_locations[0]) / script).read_text(encoding="utf-8")
    source, num_removed = REQUIRE_CONFIG.subn("", source)
    if num_removed != 1 or source.count(PARAMS_MARKER) != 1:
        raise RuntimeError(
            f"this version of bertviz has another {script}: install the one in requirements.txt"
        )
    return source


@cache
def _read_asset(name: str) -> str:
    return (get_settings().assets / "web" / name).read_text(encoding="utf-8")


def _check_lines(num_maps: int, seq_len: int, remedy: str) -> None:
    lines = num_maps * seq_len**2
    if lines > MAX_LINES:
        raise InputError(
            f"This view would draw {lines:,} lines ({seq_len} tokens, {num_maps} heads); "
            f"browsers manage about {MAX_LINES:,}. Choose {remedy}, or look at the heat map of one head."
        )


def _check_size(page: str) -> str:
    size = len(page)
    if size > MAX_HTML_BYTES:
        raise InputError(
            f"This view would be {size / 1e6:.0f} MB large, more than {MAX_HTML_BYTES / 1e6:.0f} MB. "
            "Choose fewer layers or fewer words."
        )
    return page
