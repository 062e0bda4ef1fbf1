"""One area's desk: what it knows, forks of it, and its snapshot.

`evolve` changes a desk in place and hands it back: a desk with tens of thousands of visits is folded
once, not copied per row. Records in it are frozen, so a fork only needs new dictionaries laid over the
old; whoever decides does so on a fork, and whoever fails after folding drops the desk and folds anew.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter

from dispatcher.core.board import Board
from dispatcher.core.punctual import HOLDS_PPM
from dispatcher.core.records import (
    CallBack,
    Caregiver,
    Case,
    Entitlement,
    Offer,
    Programme,
    Provider,
    Purse,
    Recipient,
    Shift,
    Table,
    Tariff,
    Visit,
)
from dispatcher.core.timers import Timers
from schemas.shapes import AreaSettings

Value = TypeVar("Value")
_GONE: Any = object()


class Layer(MutableMapping[str, Value]):
    """A dictionary laid over another; what is written stays in the upper one."""

    __slots__ = ("below", "over")

    def __init__(self, below: MutableMapping[str, Value]) -> None:
        self.below = below
        self.over: dict[str, Value] = {}

    def __getitem__(self, key: str) -> Value:
        """The value from above, else from below."""
        layer: MutableMapping[str, Value] = self
        while isinstance(layer, Layer):
            value: Value | None = layer.over.get(key)
            if value is not None:
                if value is _GONE:
                    raise KeyError(key)
                return value
            layer = layer.below
        return layer[key]

    def __setitem__(self, key: str, value: Value) -> None:
        """Write above."""
        self.over[key] = value

    def __delitem__(self, key: str) -> None:
        """Hide what is below."""
        self[key]
        self.over[key] = _GONE

    def __iter__(self) -> Iterator[str]:
        """Keys in the order of writing, those below first."""
        for key in self.below:
            if self.over.get(key) is not _GONE:
                yield key
        for key, value in self.over.items():
            if value is not _GONE and key not in self.below:
                yield key

    def __len__(self) -> int:
        """How many keys there are."""
        return sum(1 for _ in self)


@dataclass
class Desk:
    """The state of one area.

    `routes` holds, per shift, its stops (visit, role) by start; `shifts_of` the shifts of a caregiver;
    `entitlements` are by recipient; `came` lists who came to a recipient and when, of the last 14 days;
    `starts` and `share_ppm` keep how far starts fell from what was told (`punctual`); `busy` maps caregivers
    to the case they are helping in; `open_cases` is a set in the order of opening. `board` is derived from
    the rest; it is not part of a snapshot.
    """

    area: str
    settings: AreaSettings | None = None
    table: Table | None = None
    providers: MutableMapping[str, Provider] = field(default_factory=dict)
    caregivers: MutableMapping[str, Caregiver] = field(default_factory=dict)
    shifts: MutableMapping[str, Shift] = field(default_factory=dict)
    shifts_of: MutableMapping[str, tuple[str, ...]] = field(default_factory=dict)
    recipients: MutableMapping[str, Recipient] = field(default_factory=dict)
    tariffs: MutableMapping[str, Tariff] = field(default_factory=dict)
    programmes: MutableMapping[str, Programme] = field(default_factory=dict)
    entitlements: MutableMapping[str, tuple[Entitlement, ...]] = field(default_factory=dict)
    requests: MutableMapping[str, str] = field(default_factory=dict)
    visits: MutableMapping[str, Visit] = field(default_factory=dict)
    visits_of: MutableMapping[str, tuple[str, ...]] = field(default_factory=dict)
    routes: MutableMapping[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    offers: MutableMapping[str, Offer] = field(default_factory=dict)
    cases: MutableMapping[str, Case] = field(default_factory=dict)
    open_cases: MutableMapping[str, bool] = field(default_factory=dict)
    busy: MutableMapping[str, str] = field(default_factory=dict)
    callbacks: MutableMapping[str, CallBack] = field(default_factory=dict)
    purses: MutableMapping[str, Purse] = field(default_factory=dict)
    came: MutableMapping[str, tuple[tuple[int, str], ...]] = field(default_factory=dict)
    starts: MutableMapping[str, tuple[int, ...]] = field(default_factory=dict)
    share_ppm: int = HOLDS_PPM
    timers: Timers = field(default_factory=Timers)
    board: Board = field(default_factory=Board, compare=False, repr=False)

    def fork(self) -> Desk:
        """A desk over this one: what is changed in it stays in it."""
        values = {}
        for name in _NAMES:
            value = getattr(self, name)
            if isinstance(value, dict | Layer):
                value = Layer(value)
            values[name] = value
        values["timers"] = self.timers.fork()
        values["board"] = self.board.fork()
        return Desk(**values)

    def put_visit(self, visit: Visit) -> None:
        """Write a visit; the timetables it stands in are made anew."""
        before = self.visits.get(visit.visit_id)
        self.visits[visit.visit_id] = visit
        for version in (before, visit):
            for hand in version.hands if version else ():
                if hand.shift_id is not None:
                    self.board.mark(hand.shift_id)

    def put_stop(self, shift_id: str, visit_id: str, role: int) -> None:
        """Put a stop into a shift's route, or to its right position by start."""
        stops = {*self.routes.get(shift_id, ()), (visit_id, role)}
        self.routes[shift_id] = tuple(sorted(stops, key=self._start_of))
        self.board.mark(shift_id)

    def drop_stop(self, shift_id: str, visit_id: str, role: int) -> None:
        """Take a stop out of a shift's route."""
        if shift_id not in self.routes:
            return
        self.routes[shift_id] = tuple(s for s in self.routes[shift_id] if s != (visit_id, role))
        self.board.mark(shift_id)

    def _start_of(self, stop: tuple[str, int]) -> tuple[int, str, int]:
        return self.visits[stop[0]].hands[stop[1]].start_s, stop[0], stop[1]

    def shift_at(self, caregiver_id: str, start_s: int) -> str | None:
        """The caregiver's shift in which a service could start at `start_s`."""
        for shift_id in self.shifts_of.get(caregiver_id, ()):
            shift = self.shifts[shift_id]
            if shift.starts_s <= start_s < shift.ends_s:
                return shift_id
        return None


_NAMES = tuple(f.name for f in fields(Desk))


def empty_desk(area: str) -> Desk:
    """A desk that has heard nothing yet."""
    return Desk(area)


def purse_key(recipient_id: str, programme_id: str, period: str) -> str:
    """The key of a purse: one recipient, programme and month."""
    return f"{recipient_id}|{programme_id}|{period}"


_STORED: dict[str, Any] = {
    "area": str,
    "settings": AreaSettings | None,
    "providers": dict[str, Provider],
    "caregivers": dict[str, Caregiver],
    "shifts": dict[str, Shift],
    "shifts_of": dict[str, tuple[str, ...]],
    "recipients": dict[str, Recipient],
    "tariffs": dict[str, Tariff],
    "programmes": dict[str, Programme],
    "entitlements": dict[str, tuple[Entitlement, ...]],
    "requests": dict[str, str],
    "visits": dict[str, Visit],
    "visits_of": dict[str, tuple[str, ...]],
    "routes": dict[str, tuple[tuple[str, int], ...]],
    "offers": dict[str, Offer],
    "cases": dict[str, Case],
    "open_cases": dict[str, bool],
    "busy": dict[str, str],
    "callbacks": dict[str, CallBack],
    "purses": dict[str, Purse],
    "came": dict[str, tuple[tuple[int, str], ...]],
    "starts": dict[str, tuple[int, ...]],
    "share_ppm": int,
}
_FIELDS = {name: TypeAdapter[Any](kind) for name, kind in _STORED.items()}
_TIMERS = TypeAdapter(dict[str, dict[str, int]])
_SNAPSHOT = TypeAdapter(dict[str, Any])


def dump(desk: Desk) -> bytes:
    """The desk as JSON: the same desk gives the same bytes."""
    plain = {name: adapter.dump_python(getattr(desk, name), mode="json") for name, adapter in _FIELDS.items()}
    plain["table"] = None if desk.table is None else _table_json(desk.table)
    plain["timers"] = desk.timers.as_plain()
    return _SNAPSHOT.dump_json(plain)


def load(data: bytes) -> Desk:
    """A desk from `dump`'s bytes."""
    plain = _SNAPSHOT.validate_json(data)
    timers = Timers.of_plain(_TIMERS.validate_python(plain.pop("timers")))
    table = plain.pop("table")
    values = {name: _FIELDS[name].validate_python(value) for name, value in plain.items()}
    values["table"] = None if table is None else _table_of(table)
    desk = Desk(timers=timers, **values)
    desk.board.reset()
    desk.board.ready(desk)
    return desk


def _table_json(table: Table) -> dict[str, Any]:
    return {"table_id": table.table_id, "size": table.size, "data": table.data.hex()}


def _table_of(plain: dict[str, Any]) -> Table:
    data = bytes.fromhex(cast(str, plain["data"]))
    return Table(str(plain["table_id"]), int(plain["size"]), data)
