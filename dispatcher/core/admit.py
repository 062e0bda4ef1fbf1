"""At the door: is a request possible at all, and if nobody can come, what could be given up."""

from __future__ import annotations

from collections.abc import Iterator

from dispatcher.core.candidates import named, not_offered
from dispatcher.core.desk import Desk
from dispatcher.core.draft import Draft, why
from dispatcher.core.eligible import plain_reason
from dispatcher.core.evolve_facts import place_of
from dispatcher.core.funding import tariff_on
from dispatcher.core.insertion import Found
from dispatcher.core.make_room import make_room
from dispatcher.core.offers import escalate, forward
from dispatcher.core.placing import put_in, seek, wish_for
from dispatcher.core.rooms import Wish
from dispatcher.core.times import to_s
from dispatcher.core.ways_out import ways_out
from schemas.base import Reason
from schemas.codes import Channel, Human, Origin
from schemas.decisions import NotOffered, RequestAdmitted, RequestRefused
from schemas.facts import ServiceRequested
from schemas.shapes import Fetched, Kitchen, Legs, TariffItem

AHEAD_DAYS = 31
LEGS = 2
PLAIN_MM_S = 5_000
"""The speed at which kitchens are compared: who comes, and how, is not known yet."""


def requested(draft: Draft, fact: ServiceRequested) -> Reason | None:
    """Admit a request with who and when, or refuse it with why and the ways out."""
    if fact.request_id in draft.desk.requests:
        return plain_reason("REQUEST_REPEATED")
    faults = tuple(_faults(draft.desk, fact, draft.now_s))
    if faults:
        draft.say(RequestRefused(request_id=fact.request_id, reasons=faults))
        return None
    trial = draft.branch()
    visit_id = trial.new_id()
    trial.say(_admission(trial.desk, fact, visit_id))
    visit = trial.desk.visits[visit_id]
    wish = wish_for(trial.desk, visit, draft.now_s)
    found, reasons = seek(trial.desk, wish)
    if not found.choices:
        if make_room(trial, wish, reasons):
            draft.absorb(trial)
            forward(draft, visit_id, Origin.INSERTION)
        else:
            _refuse(draft, trial.desk, fact, wish, found)
        return None
    draft.absorb(trial)
    if found.choices[0].seats[0].start_s - draft.now_s < _near_s(draft.desk):
        reasons = (*reasons, plain_reason("START_NEAR"))
    put_in(draft, wish, found, origin=Origin.INSERTION, reasons=reasons)
    forward(draft, visit_id, Origin.INSERTION)
    return None


def _near_s(desk: Desk) -> int:
    return desk.settings.near_start_s if desk.settings is not None else 0


def _faults(desk: Desk, fact: ServiceRequested, now_s: int) -> Iterator[Reason]:
    """What is wrong with a request, before anybody is sought."""
    if desk.settings is None:
        yield plain_reason("AREA_NOT_OPEN")
        return
    person = desk.recipients.get(fact.recipient_id)
    if person is None:
        yield plain_reason("RECIPIENT_UNKNOWN")
    elif person.home is None:
        yield plain_reason("RECIPIENT_FORGOTTEN")
    elif not person.active:
        yield plain_reason("RECIPIENT_INACTIVE")
    yield from window_faults(to_s(fact.window.opens_at), to_s(fact.window.closes_at), now_s)
    tariff = tariff_on(desk, to_s(fact.window.opens_at))
    if tariff is None:
        yield plain_reason("TARIFF_MISSING")
    elif fact.item not in tariff.items:
        yield plain_reason("ITEM_UNKNOWN")
    elif tariff.items[fact.item].escort is not None and fact.opened is None:
        yield plain_reason("DESTINATION_MISSING")
    if fact.asks.provider_id is not None and fact.asks.provider_id not in desk.providers:
        yield plain_reason("PROVIDER_UNKNOWN")
    if any(c not in desk.caregivers for c in fact.asks.caregiver_ids):
        yield plain_reason("CAREGIVER_UNKNOWN")


def window_faults(lo_s: int, hi_s: int, now_s: int) -> Iterator[Reason]:
    """A window must not have passed, nor lie beyond what is planned for."""
    if hi_s < now_s:
        yield plain_reason("WINDOW_PAST")
    if lo_s > now_s + AHEAD_DAYS * 86_400:
        yield why("WINDOW_TOO_FAR", days=AHEAD_DAYS)


def _admission(desk: Desk, fact: ServiceRequested, visit_id: str) -> RequestAdmitted:
    tariff = tariff_on(desk, to_s(fact.window.opens_at))
    assert tariff is not None
    item = tariff.items[fact.item]
    return RequestAdmitted(
        request_id=fact.request_id,
        visit_id=visit_id,
        recipient_id=fact.recipient_id,
        item=fact.item,
        help=item.help,
        tariff_id=tariff.tariff_id,
        window=fact.window,
        crew=len(fact.roles or item.roles),
        legs=_legs(desk, fact, item),
        meal=_meal(desk, fact, item),
    )


def _legs(desk: Desk, fact: ServiceRequested, item: TariffItem) -> Legs | None:
    """The rides and the wait of an escort, with the person's home as it stands."""
    home, escort, trip = desk.recipients[fact.recipient_id].home, item.escort, fact.opened
    if escort is None or trip is None or home is None or len(fact.roles or item.roles) != LEGS:
        return None
    goal = place_of(trip.goal, trip.table_index)
    assert goal is not None
    assert desk.settings is not None
    speed, ways = desk.settings.speed_mm_s.get(escort.ride_mode, 5_000), desk.board.ways(desk)
    wait_s = escort.wait_s if trip.wait_s is None else trip.wait_s
    return Legs(
        there_s=ways.travel_s(home, goal, speed),
        back_s=ways.travel_s(goal, home, speed),
        wait_min_s=max(0, wait_s - escort.spread_s),
        wait_max_s=wait_s + escort.spread_s,
    )


def _meal(desk: Desk, fact: ServiceRequested, item: TariffItem) -> Fetched | None:
    """The kitchen with the shortest way to the door, where the area has any."""
    home, rule, settings = desk.recipients[fact.recipient_id].home, item.meal, desk.settings
    assert settings is not None
    if rule is None or home is None or not settings.kitchens or len(fact.roles or item.roles) > 1:
        return None
    ways = desk.board.ways(desk)

    def far(kitchen: Kitchen) -> tuple[int, str]:
        place = place_of(kitchen.place, kitchen.table_index)
        assert place is not None
        return ways.travel_s(place, home, PLAIN_MM_S), kitchen.place_id

    return Fetched(kitchen=min(settings.kitchens, key=far), fresh_s=rule.fresh_s, load=rule.load)


def _refuse(draft: Draft, desk: Desk, fact: ServiceRequested, wish: Wish, found: Found) -> None:
    nearest = found.stopped.nearest_miss()
    missed: NotOffered | None = None
    if nearest is not None:
        missed = named(desk, wish, *nearest)
    draft.say(
        RequestRefused(
            request_id=fact.request_id,
            reasons=(plain_reason("NOBODY_CAN"),),
            nearest_miss=missed,
            not_offered=found.stopped.tallies(),
            relaxations=ways_out(desk, wish),
            named=not_offered(desk, wish, found.stopped),
            stopped=found.stopped.packed(),
        )
    )
    if fact.channel is Channel.CARE_PLAN:
        escalate(draft, Human.OPERATOR, "NOBODY_CAN")
