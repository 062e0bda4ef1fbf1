"""Offers: who accepts, delivery, the fuse, and the next one when somebody declines or does not answer.

A provider's published shift may count as acceptance; else its clerk or its caregiver answers. The fuse starts
when the offer provably arrived; one that did not arrive goes to the clerk.
"""

from __future__ import annotations

from dataclasses import replace

from dispatcher.core.draft import Draft
from dispatcher.core.eligible import plain_reason
from dispatcher.core.funding import item_of
from dispatcher.core.insertion import find
from dispatcher.core.placing import promise, put_in, wish_for
from dispatcher.core.records import Offer, Visit
from dispatcher.core.rooms import Wish
from dispatcher.core.times import at
from schemas.base import Reason, StartWindow
from schemas.codes import Acceptance, Human, Origin
from schemas.decisions import (
    AssignmentBound,
    AssignmentOffered,
    AssignmentWithdrawn,
    FuseLit,
    HelpEscalated,
    OfferPassedToClerk,
    PlanRequested,
)
from schemas.facts import AssignmentAccepted, OfferDelivered


def send_out(draft: Draft, visit_id: str, origin: Origin) -> None:
    """Offer every role that is neither bound nor offered, or bind it where the shift is the acceptance."""
    visit = draft.desk.visits[visit_id]
    for role, hand in enumerate(visit.hands):
        if hand.caregiver_id is None or hand.bound or hand.offer_id is not None:
            continue
        provider = draft.desk.providers[draft.desk.caregivers[hand.caregiver_id].provider_id]
        if provider.acceptance is Acceptance.SHIFT:
            bind(draft, visit_id, role, "SHIFT", origin)
        else:
            to = "CLERK" if provider.acceptance is Acceptance.CLERK else "CAREGIVER"
            offer(draft, visit_id, role, to, origin)
    promise(draft, visit_id)


def pay_fen(draft: Draft, visit: Visit) -> int:
    """What a role pays its caregiver."""
    item = item_of(draft.desk, visit)
    return item.pay_fen if item is not None else 0


def patience_s(base_s: int, start_s: int, now_s: int) -> int:
    """How long somebody may take to answer: `base_s`, or an eighth of the time until the start if longer.

    Nobody need answer at night within minutes for the day after tomorrow.
    """
    return max(base_s, (start_s - now_s) // PATIENCE)


def offer(
    draft: Draft, visit_id: str, role: int, to: str, origin: Origin, *, deliver_s: int | None = None
) -> None:
    """Ask for one role."""
    visit = draft.desk.visits[visit_id]
    hand = visit.hands[role]
    assert hand.caregiver_id is not None
    settings = draft.desk.settings
    if deliver_s is None:
        deliver_s = patience_s(settings.deliver_by_s if settings else 120, hand.start_s, draft.now_s)
    draft.say(
        AssignmentOffered(
            offer_id=draft.new_id(),
            visit_id=visit_id,
            role=role,
            caregiver_id=hand.caregiver_id,
            provider_id=draft.desk.caregivers[hand.caregiver_id].provider_id,
            to=to,
            origin=origin,
            start_at=at(hand.start_s),
            pay_fen=pay_fen(draft, visit),
            deliver_by=at(draft.now_s + deliver_s),
            case_id=visit.case_id,
        )
    )


def bind(draft: Draft, visit_id: str, role: int, accepted_by: str, origin: Origin) -> None:
    """A role is accepted."""
    visit = draft.desk.visits[visit_id]
    hand = visit.hands[role]
    assert hand.caregiver_id is not None
    draft.say(
        AssignmentBound(
            visit_id=visit_id,
            role=role,
            caregiver_id=hand.caregiver_id,
            provider_id=draft.desk.caregivers[hand.caregiver_id].provider_id,
            offer_id=hand.offer_id,
            accepted_by=accepted_by,
            origin=origin,
            start_at=at(hand.start_s),
            pay_fen=pay_fen(draft, visit),
        )
    )


def open_offer(draft: Draft, offer_id: str) -> Offer | Reason:
    """The offer if it is still open, else why not."""
    found = draft.desk.offers.get(offer_id)
    if found is None:
        return plain_reason("OFFER_UNKNOWN")
    return found if found.state == "OPEN" else plain_reason("OFFER_CLOSED")


def delivered(draft: Draft, fact: OfferDelivered) -> Reason | None:
    """The fuse starts at the first proof of delivery."""
    found = open_offer(draft, fact.offer_id)
    if isinstance(found, Reason):
        return found
    if found.delivered:
        return None
    fuse_s = _fuse_s(draft, found)
    if found.case_id is not None:
        settings = draft.desk.settings
        fuse_s = min(fuse_s, settings.case_fuse_s if settings is not None else CASE_FUSE_S)
    draft.say(FuseLit(offer_id=fact.offer_id, lapses_at=at(draft.now_s + fuse_s)))
    return None


def _fuse_s(draft: Draft, found: Offer) -> int:
    provider = draft.desk.providers.get(found.provider_id)
    start_s = draft.desk.visits[found.visit_id].hands[found.role].start_s
    return patience_s(provider.fuse_s if provider is not None else FUSE_S, start_s, draft.now_s)


def pass_to_clerk(draft: Draft, found: Offer) -> None:
    """The phone was not reached: the clerk may take as long as the caregiver might have."""
    answer_by = at(draft.now_s + _fuse_s(draft, found))
    reason = plain_reason("NOT_DELIVERED")
    draft.say(OfferPassedToClerk(offer_id=found.offer_id, reason=reason, answer_by=answer_by))


FUSE_S = 900
"""How long an answer may take where the provider is not known."""
PATIENCE = 8
"""What part of the time until a start an answer may take."""
CASE_FUSE_S = 45
"""How long a responder has to answer in an emergency, where the area has not been opened yet."""


def accepted(draft: Draft, fact: AssignmentAccepted) -> Reason | None:
    """A yes binds, even one that comes before delivery was proven; a clerk may name a colleague."""
    found = open_offer(draft, fact.offer_id)
    if isinstance(found, Reason):
        return found
    if fact.caregiver_id is not None and fact.caregiver_id != found.caregiver_id:
        refused = _named_other(draft, found, fact.caregiver_id)
        if refused is not None:
            return refused
    else:
        by = "CLERK" if fact.by.role == "CLERK" or found.to == "CLERK" else "CAREGIVER"
        bind(draft, found.visit_id, found.role, by, Origin(found.origin))
    promise(draft, found.visit_id)
    return None


def _named_other(draft: Draft, found: Offer, caregiver_id: str) -> Reason | None:
    """The clerk gives the offer to another caregiver of the house, who must be able to keep the start."""
    desk = draft.desk
    carer = desk.caregivers.get(caregiver_id)
    if carer is None:
        return plain_reason("CAREGIVER_UNKNOWN")
    if carer.provider_id != found.provider_id:
        return plain_reason("OTHER_PROVIDER")
    visit = desk.visits[found.visit_id]
    wish = role_wish(draft, visit, found.role)
    way = find(desk, replace(wish, only=frozenset({caregiver_id})))
    if not way.choices:
        stop = way.stopped.get(caregiver_id)
        return plain_reason(stop.code) if stop is not None and stop.by_s == 0 else plain_reason("NO_SHIFT")
    withdraw(draft, visit, found.role, plain_reason("PLAN_CHANGED"))
    put_in(draft, replace(wish, visit=desk.visits[visit.visit_id]), way, origin=Origin.OPERATOR)
    bind(draft, found.visit_id, found.role, "CLERK", Origin.OPERATOR)
    return None


def withdraw(draft: Draft, visit: Visit, role: int, reason: Reason) -> None:
    """Take a role back; of one that was planned only its caregiver need hear nothing."""
    hand = visit.hands[role]
    if hand.caregiver_id is None:
        return
    draft.say(
        AssignmentWithdrawn(
            visit_id=visit.visit_id,
            role=role,
            caregiver_id=hand.caregiver_id,
            offer_id=hand.offer_id,
            reason=reason,
            unasked=None if hand.bound or hand.offer_id is not None else True,
        )
    )


def role_wish(draft: Draft, visit: Visit, role: int) -> Wish:
    """One role sought beside the others as they stand, within what was promised."""
    wish = wish_for(draft.desk, visit, draft.now_s, within_told=True)
    kept = tuple(
        (other, hand.caregiver_id, _begins_s(visit, other))
        for other, hand in enumerate(visit.hands)
        if other != role and hand.caregiver_id is not None
    )
    if not kept:
        return wish
    provider_id = draft.desk.caregivers[kept[0][1]].provider_id
    return replace(wish, visit=replace(visit, provider_id=provider_id), roles=(role,), kept=kept)


def _begins_s(visit: Visit, role: int) -> int:
    """When a role that stays begins; the wait of an escort counts from when it was really begun."""
    hand = visit.hands[role]
    return hand.start_s if visit.trip is None or hand.came is None else hand.came.at_s


def forward(draft: Draft, visit_id: str, origin: Origin) -> None:
    """Send a planned visit out at once when its start is near; else ask the planners and let it wait."""
    settings = draft.desk.settings
    assert settings is not None
    visit = draft.desk.visits[visit_id]
    if visit.start_s - draft.now_s < settings.near_start_s:
        send_out(draft, visit_id, origin)
    else:
        ask_planners(draft, "NEW_REQUEST")


def ask_planners(draft: Draft, code: str) -> None:
    """Ask for a better plan of the area, once per fact."""
    settings = draft.desk.settings
    if settings is None or any(isinstance(d, PlanRequested) for d in draft.decisions):
        return
    horizon = StartWindow(opens_at=at(draft.now_s), closes_at=at(draft.now_s + settings.plan_horizon_s))
    draft.say(PlanRequested(horizon=horizon, reason=plain_reason(code)))


def escalate(
    draft: Draft,
    to: Human,
    code: str,
    *,
    visit_id: str | None = None,
    case_id: str | None = None,
    provider_id: str | None = None,
) -> None:
    """Hand something to a person by role."""
    draft.say(
        HelpEscalated(
            escalation_id=draft.new_id(),
            to=to,
            visit_id=visit_id,
            case_id=case_id,
            provider_id=provider_id,
            reason=plain_reason(code),
        )
    )
