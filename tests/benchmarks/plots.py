"""Cost over time as SVG, written by hand: one line a peer, time on a logarithmic axis."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from math import ceil, log10
from statistics import mean

from tests.benchmarks.peers.registry import PEERS
from tests.benchmarks.results import Result

WIDTH, HEIGHT = 640, 400
LEFT, RIGHT, TOP, BOTTOM = 64, 120, 32, 48
HOUR_S = 3600
COLOURS = ("#0b5fff", "#7a7a7a", "#d1495b", "#f2a0a9", "#2a9d57", "#8e44ad", "#e08a00")
STYLE = "font:12px sans-serif"

Points = Sequence[tuple[float, float]]


def cost_over_time(work: str, results: Iterable[Result]) -> str:
    """An SVG of the mean cost in hours of each peer's plans of a work by the limit it had.

    Raises ValueError where there is no plan of the work.
    """
    lines = _lines(r for r in results if r.work == work and not r.trouble and not r.violations)
    if not lines:
        raise ValueError(f"no plan of {work} is among the results")
    limits = sorted({x for points in lines.values() for x, _ in points})
    top = _round(max(y for points in lines.values() for _, y in points))
    parts = [_text(LEFT, 20, f"{work}: mean cost in hours by seconds given")]
    parts += [_across(top * share / 4, top) for share in range(5)]
    parts += [_text(_x(limit, limits), HEIGHT - BOTTOM + 18, f"{limit:g}", "middle") for limit in limits]
    ends = _apart({peer: _y(points[-1][1], top) for peer, points in lines.items()})
    for peer, points in lines.items():
        parts.append(_line(peer, [(_x(x, limits), _y(y, top)) for x, y in points], ends[peer]))
    box = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    white = '<rect width="100%" height="100%" fill="#fff"/>'
    return "\n".join(
        [f'<svg xmlns="http://www.w3.org/2000/svg" {box} style="{STYLE}">', white, *parts, "</svg>", ""]
    )


def _lines(results: Iterable[Result]) -> Mapping[str, Points]:
    """(limit, mean cost in hours) by peer, in the order of `PEERS`."""
    prices: dict[str, dict[float, list[int]]] = defaultdict(lambda: defaultdict(list))
    for result in results:
        prices[result.peer][result.limit_s].append(result.price_s)
    return {
        peer: [(limit, mean(some) / HOUR_S) for limit, some in sorted(prices[peer].items())]
        for peer in PEERS
        if peer in prices
    }


def _round(value: float) -> float:
    """A little above the value, with one or two figures."""
    unit = 10.0 ** (ceil(log10(max(value, 1e-9))) - 1)
    return float(ceil(value / unit) * unit)


def _x(limit_s: float, limits: Sequence[float]) -> float:
    low, high = log10(limits[0]), log10(limits[-1])
    share = 0.5 if high == low else (log10(limit_s) - low) / (high - low)
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _y(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM)


def _apart(wanted: Mapping[str, float], least: float = 14.0) -> Mapping[str, float]:
    """Heights for the names at the ends of the lines, far enough from each other to be read."""
    placed: dict[str, float] = {}
    free = float(TOP)
    for name, y in sorted(wanted.items(), key=lambda pair: pair[1]):
        placed[name] = max(y, free)
        free = placed[name] + least
    return placed


def _across(value: float, top: float) -> str:
    y = _y(value, top)
    line = f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>'
    return line + _text(LEFT - 8, y + 4, f"{value:,.4g}", "end")


def _line(peer: str, points: Points, name_y: float) -> str:
    colour = COLOURS[list(PEERS).index(peer) % len(COLOURS)]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points)
    drawn = f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
    return drawn + dots + _text(points[-1][0] + 10, name_y + 4, peer, colour=colour)


def _text(x: float, y: float, said: str, anchor: str = "start", colour: str = "#333") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(said)}</text>'
