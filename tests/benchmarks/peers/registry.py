"""All peers by name, and one way to ask any of them for a plan."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass

from dispatcher.planning.problem import Plan, Problem
from tests.benchmarks.peers.mend import Sequences, mend, sequences
from tests.benchmarks.works.home_care import home_care_day

OURS = "ours"
HERE = "tests.benchmarks.peers"


@dataclass(frozen=True)
class Peer:
    """Where its function is, and what must be installed for it."""

    name: str
    module: str
    function: str
    needs: str | None = None
    mended: bool = True
    """Whether it says sequences that may break rules, to be mended; else it gives a plan."""
    warm: bool = False
    """Whether it compiles on first use, which does not count."""


PEERS = {
    peer.name: peer
    for peer in (
        Peer(OURS, "ours", "ours", mended=False, warm=True),
        Peer("nearest-first", "nearest_first", "nearest_first", mended=False),
        Peer("VROOM", "vroom_peer", "vroom_plan", "vroom"),
        Peer("VROOM in zones", "vroom_peer", "vroom_in_zones", "vroom"),
        Peer("PyVRP", "pyvrp_peer", "pyvrp_plan", "pyvrp"),
        Peer("OR-Tools", "ortools_peer", "ortools_plan", "ortools"),
        Peer("Timefold", "timefold_peer", "timefold_plan", "jgo"),
    )
}

Said = Plan | Sequences | None
Ask = Callable[[Problem, float, int], Said]
"""Problem, limit in seconds, seed."""


def absent(name: str) -> str | None:
    """What is missing for a peer to run, or None. Jars that cannot be fetched are found out in `loaded`."""
    needs = PEERS[name].needs
    return None if needs is None or importlib.util.find_spec(needs) else f"{needs} is not installed"


def loaded(name: str) -> Ask:
    """The peer's function, all that it needs loaded, fetched and compiled. Raises ImportError."""
    peer = PEERS[name]
    if missing := absent(name):
        raise ImportError(missing)
    module = importlib.import_module(f"{HERE}.{peer.module}")
    if peer.needs is not None:
        importlib.import_module(peer.needs)
    if hasattr(module, "prepare"):
        module.prepare()
    function: Ask = getattr(module, peer.function)
    if peer.warm:
        function(home_care_day(20, 6, 1), 0.1, 1)
    return function


def as_plan(problem: Problem, said: Said) -> Plan | None:
    """What a peer said as a plan that keeps the rules; a plan stays as it is."""
    return said if said is None or isinstance(said, Plan) else mend(problem, said)


def solve(name: str, problem: Problem, limit_s: float, seed: int) -> Plan | None:
    """A peer's plan within about `limit_s` seconds and the time to mend it; None when it finds none.

    Raises ImportError where it is absent. It may take long and much memory: see `child.measured`.
    """
    return as_plan(problem, loaded(name)(problem, limit_s, seed))


def as_sequences(problem: Problem, said: Said) -> Sequences:
    """What a peer said, without the times of single visits."""
    if said is None:
        return {}
    return sequences(said, problem) if isinstance(said, Plan) else said
