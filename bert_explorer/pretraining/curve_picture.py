"""The held-out curve of a training as a small SVG, for the model card: no browser and no figure library."""

from collections.abc import Mapping, Sequence
from typing import Any

WIDTH, HEIGHT = 640, 300
LEFT, RIGHT, TOP, BOTTOM = 48, 96, 16, 40  # margins; the names of the lines stand on the right
LINES = {"top1": ("top-1", "#0072b2"), "top5": ("top-5", "#009e73")}
STEP = 0.1  # between two lines of the grid


def draw_curve(measured: Sequence[Mapping[str, Any]]) -> str:
    """``measured`` are lines of the curve with held-out figures, two or more; against million tokens."""
    most_tokens = max(line["tokens"] for line in measured)
    highest = max(line[name] for line in measured for name in LINES)
    top = STEP * (int(highest / STEP) + 1)

    def place(tokens: float, share: float) -> tuple[float, float]:
        x = LEFT + (WIDTH - LEFT - RIGHT) * tokens / most_tokens
        y = HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share / top
        return round(x, 1), round(y, 1)

    grid = [_grid_line(place(0, i * STEP)[1], f"{i * STEP:.0%}") for i in range(round(top / STEP) + 1)]
    curves = [
        _curve([place(line["tokens"], line[name]) for line in measured], title, colour)
        for name, (title, colour) in LINES.items()
    ]
    quarters = [i * most_tokens / 4 for i in range(5)]
    ticks = [_tick(place(tokens, 0)[0], f"{tokens / 1e6:.1f} M tokens") for tokens in quarters]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        f'font-size="12"><rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>'
        + "".join([*grid, *ticks, *curves])
        + "</svg>\n"
    )


def _grid_line(y: float, label: str) -> str:
    return (
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}" stroke="#dddddd"/>'
        f'<text x="{LEFT - 6}" y="{y + 4}" text-anchor="end" fill="#555555">{label}</text>'
    )


def _tick(x: float, label: str) -> str:
    return f'<text x="{x}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle" fill="#555555">{label}</text>'


def _curve(points: Sequence[tuple[float, float]], title: str, colour: str) -> str:
    path = " ".join(f"{x},{y}" for x, y in points)
    x, y = points[-1]
    return (
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
        f'<text x="{x + 8}" y="{y + 4}" fill="{colour}">{title}</text>'
    )
