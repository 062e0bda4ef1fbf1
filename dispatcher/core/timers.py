"""What falls due and when: three sorted lists, so that a second in which nothing is due costs nothing.

`intake` holds what ordinary time drives, `alarms` what belongs to cases, `keep` what is forgotten for good.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator

LISTS = ("intake", "alarms", "keep")


class Timers:
    """At most one due time per key; a key is `KIND|id` or `KIND|id|role`."""

    __slots__ = ("due", "inert", "lines")

    def __init__(self) -> None:
        self.due: dict[str, dict[str, int]] = {name: {} for name in LISTS}
        self.lines: dict[str, list[tuple[int, str]]] = {name: [] for name in LISTS}
        self.inert = False

    def fork(self) -> Timers:
        """Timers for a draft: what is set there is of no use before it stands in a row, so it is not kept."""
        other = Timers.__new__(Timers)
        other.due, other.lines, other.inert = self.due, self.lines, True
        return other

    def set(self, name: str, key: str, due_s: int) -> None:
        """`key` falls due at `due_s`, in place of any earlier setting."""
        if self.inert:
            return
        self.clear(name, key)
        self.due[name][key] = due_s
        insort(self.lines[name], (due_s, key))

    def clear(self, name: str, key: str) -> None:
        """`key` no longer falls due."""
        if self.inert:
            return
        due_s = self.due[name].pop(key, None)
        if due_s is not None:
            line = self.lines[name]
            del line[bisect_left(line, (due_s, key))]

    def passed(self, name: str, now_s: int) -> Iterator[str]:
        """Keys due at or before `now_s`, in order."""
        for due_s, key in self.lines[name]:
            if due_s > now_s:
                return
            yield key

    def as_plain(self) -> dict[str, dict[str, int]]:
        """For a snapshot."""
        return {name: dict(sorted(keys.items())) for name, keys in self.due.items()}

    @classmethod
    def of_plain(cls, plain: dict[str, dict[str, int]]) -> Timers:
        """From a snapshot."""
        timers = cls()
        for name in LISTS:
            timers.due[name] = dict(plain[name])
            timers.lines[name] = sorted((due_s, key) for key, due_s in plain[name].items())
        return timers

    def __eq__(self, other: object) -> bool:
        """The same due times."""
        return isinstance(other, Timers) and self.due == other.due

    __hash__ = None  # type: ignore[assignment]
