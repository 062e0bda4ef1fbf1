"""Results as markdown tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from statistics import mean

from tests.benchmarks.peers.registry import OURS, PEERS
from tests.benchmarks.results import Result

HOUR_S = 3600
Key = tuple[str, float, str]
"""Work or family, limit in seconds, peer."""
DAYS = (
    "work",
    "limit s",
    "peer",
    "days",
    "cost h",
    "worst",
    "unserved",
    "travel h",
    "ours / it",
    "spread",
    "took s",
    "core",
    "extra MB",
)
CITY = ("steps / s",)
GAPS = ("family", "limit s", "peer", "plans", "mean gap", "worst gap", "all served", "no plan")


def tables(results: Iterable[Result]) -> str:
    """All results, days by cost and public days by gap, each kind under its own table; empty for none."""
    found = list(results)
    parts = [
        day_table([r for r in found if _kind(r) in ("home", "zones")]),
        day_table([r for r in found if _kind(r) == "city"], city=True),
        gap_table([r for r in found if _kind(r) in ("vrptw", "prizes")]),
        troubles(found),
    ]
    return "\n\n".join(part for part in parts if part)


def day_table(results: Sequence[Result], city: bool = False) -> str:
    """Cost, in hours of travel, of made-up days: means and the worst over seeds.

    `ours / it` compares the same seeds only. `spread` is the widest distance between repeats of one seed, as
    a share of their mean.
    """
    rows = []
    for (work, limit_s, peer), some in _groups(results, lambda r: r.work).items():
        good = _good(some)
        if not good:
            continue
        rivals = [r for r in results if (r.work, r.limit_s, r.peer) == (work, limit_s, OURS)]
        row = [_said(work), f"{limit_s:g}", peer, str(len({r.seed for r in good}))]
        row += [
            f"{mean(r.price_s for r in good) / HOUR_S:,.0f}",
            f"{max(r.price_s for r in good) / HOUR_S:,.0f}",
        ]
        row += [f"{mean(r.unserved for r in good):,.1f}", f"{mean(r.travel_s for r in good) / HOUR_S:,.0f}"]
        row += ["" if peer == OURS else _ratio(rivals, good), _spread(good)]
        row += [f"{mean(r.took_s for r in good):.1f}", _core(good), f"{mean(r.extra_mb for r in good):,.0f}"]
        if city:
            speeds = [r.steps_per_s for r in good if r.steps_per_s]
            row.append(f"{mean(speeds):,.0f}" if speeds else "")
        rows.append(row)
    return _table((*DAYS, *CITY) if city else DAYS, rows)


def gap_table(results: Sequence[Result]) -> str:
    """Gaps of public days to the best known, by family. Plans that leave out a required visit have no gap."""
    rows = []
    for (family, limit_s, peer), some in _groups(results, _family).items():
        good = _good(some)
        whole = [r for r in good if r.gap is not None and (not r.unserved or _kind(r) == "prizes")]
        gaps = [100 * (r.gap or 0.0) for r in whole]
        row = [family, f"{limit_s:g}", peer, str(len(some))]
        row += [f"{mean(gaps):+.2f} %", f"{max(gaps):+.2f} %"] if gaps else ["", ""]
        rows.append([*row, str(len(whole)), str(len(some) - len(good))])
    return _table(GAPS, rows)


def troubles(results: Iterable[Result]) -> str:
    """What gave no plan, or one that breaks a rule, in lines; empty if all went well."""
    seen: dict[str, int] = defaultdict(int)
    for result in results:
        if result.trouble:
            seen[f"{_said(result.work)}, {result.peer}: {result.trouble}"] += 1
        elif result.violations:
            seen[f"{_said(result.work)}, {result.peer}: {result.violations} rules broken"] += 1
    return "\n".join(f"- {what}" + (f" ({times} times)" if times > 1 else "") for what, times in seen.items())


def _good(results: Iterable[Result]) -> list[Result]:
    """Plans that keep every rule."""
    return [r for r in results if r.trouble is None and not r.violations]


def _groups(results: Iterable[Result], label: Callable[[Result], str]) -> dict[Key, list[Result]]:
    """Results by label, limit and peer, in the order of works met and of `PEERS`."""
    found: dict[Key, list[Result]] = defaultdict(list)
    for result in results:
        found[label(result), result.limit_s, result.peer].append(result)
    labels, peers = list(dict.fromkeys(key[0] for key in found)), list(PEERS)
    ranked = sorted(found, key=lambda key: (labels.index(key[0]), key[1], peers.index(key[2])))
    return {key: found[key] for key in ranked}


def _ratio(rivals: Sequence[Result], those: Sequence[Result]) -> str:
    """Our mean cost over theirs, on the seeds that both planned."""
    mine, other = (_by_seed(_good(some)) for some in (rivals, those))
    both = sorted(set(mine) & set(other))
    return f"{mean(mine[s] for s in both) / mean(other[s] for s in both):.2f}" if both else ""


def _by_seed(results: Iterable[Result]) -> dict[int, float]:
    prices: dict[int, list[int]] = defaultdict(list)
    for result in results:
        prices[result.seed].append(result.price_s)
    return {seed: mean(some) for seed, some in prices.items()}


def _spread(results: Iterable[Result]) -> str:
    prices: dict[int, list[int]] = defaultdict(list)
    for result in results:
        prices[result.seed].append(result.price_s)
    repeats = [some for some in prices.values() if len(some) > 1]
    return f"{100 * max((max(some) - min(some)) / mean(some) for some in repeats):.1f} %" if repeats else ""


def _core(results: Sequence[Result]) -> str:
    """Share of the core that the peer had: less than all where others used it, or where it waited."""
    took_s = sum(r.took_s for r in results)
    return f"{100 * sum(r.cpu_s for r in results) / took_s:.0f} %" if took_s else ""


def _kind(result: Result) -> str:
    return result.work.partition(":")[0]


def _family(result: Result) -> str:
    """`solomon`, `gh200` and so on, or `prizes`."""
    kind, _, rest = result.work.partition(":")
    return kind if kind == "prizes" else rest.partition("/")[0]


def _said(work: str) -> str:
    kind, _, rest = work.partition(":")
    size = "/".join(f"{int(n):,}" for n in rest.split("/")) if rest.replace("/", "").isdigit() else rest
    return f"{kind} {size}"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
