"""Nearest first: each request goes to the nearest qualified caregiver who is free within its window.

Nobody is moved for it and nothing is planned again; of a sick caregiver the visits are asked for anew.
"""

from __future__ import annotations

from dispatcher.core.records import Place
from tests.benchmarks.virtual.tables import Booked, Tables
from tests.benchmarks.virtual.world import Carer, Wish


class NearestWay(Tables):
    """The way of a dispatcher with a map and no plan."""

    def asked(self, wish: Wish, now_s: int) -> None:
        """The nearest who is free."""
        if not self._place(wish, wish.opens_s, wish.closes_s, now_s):
            self.book.pages[wish.request_id].refused = True

    def sick(self, carer_id: str, day: int, now_s: int) -> None:
        """Each visit goes to the nearest who can keep what was told, else who can keep the window."""
        self.away.add((carer_id, day))
        for stop in list(self.rows[carer_id, day]):
            self.take(stop.wish)
            told = self.book.pages[stop.request_id].told
            assert told is not None
            if not self._place(stop.wish, *told, now_s):
                self._place(stop.wish, stop.wish.opens_s, stop.wish.closes_s, now_s)

    def _place(self, wish: Wish, lo_s: int, hi_s: int, now_s: int) -> bool:
        found = []
        for carer in self.able(wish.skill, wish.day):
            room = self._room(carer, wish, lo_s, hi_s, now_s)
            if room is not None:
                found.append((*room, carer.carer_id))
        if not found:
            return False
        _, start_s, carer_id = min(found)
        self.put(wish, carer_id, start_s, now_s)
        return True

    def _room(self, carer: Carer, wish: Wish, lo_s: int, hi_s: int, now_s: int) -> tuple[int, int] | None:
        """The way to the visit and its start, in the first gap of the caregiver's day that holds it."""
        place, free_s = self.free(carer, wish.day, now_s)
        for after in (*self.ahead(carer.carer_id, wish.day), None):
            way_s = self.world.travel_s(place, wish.place)
            start_s = max(lo_s, free_s + way_s)
            if start_s > hi_s:
                return None
            if self._fits(carer, wish, start_s, after):
                return way_s, start_s
            if after is not None:
                place, free_s = after.wish.place, max(after.end_s, self._end_s(place, free_s, after))
        return None

    def _end_s(self, place: Place, free_s: int, stop: Booked) -> int:
        """When a stop ends if one is free for it then and there."""
        return free_s + self.world.travel_s(place, stop.wish.place) + stop.wish.duration_s

    def _fits(self, carer: Carer, wish: Wish, start_s: int, after: Booked | None) -> bool:
        end_s = start_s + wish.duration_s
        if after is None:
            home_s = self.world.travel_s(wish.place, carer.home)
            return end_s + home_s <= self.world.shift_s(wish.day)[1]
        return end_s + self.world.travel_s(wish.place, after.wish.place) <= after.start_s
