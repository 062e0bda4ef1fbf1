"""Money: what a visit costs, what a programme pays of it, holds and the bill. Whole fen, each step kept.

A programme grants a class a quota per calendar month (Nanyang 2021: 300 yuan for the disabled, 200 for
the semi-disabled); what it does not pay, the recipient pays. A hold is taken when a visit is planned; the
bill uses it up, and what it does not use is released.
"""

from __future__ import annotations

from dataclasses import dataclass

from dispatcher.core.desk import Desk, purse_key
from dispatcher.core.draft import Draft
from dispatcher.core.records import Entitlement, Programme, Purse, Tariff, Visit
from dispatcher.core.times import city_day, city_month
from schemas.codes import HelpKind, Payer
from schemas.decisions import MoneyReleased, MoneyReserved, PriceStep, VisitPriced
from schemas.shapes import CaregiverPay, ClaimLine, Share, TariffItem


@dataclass(frozen=True)
class Quote:
    """What a service would cost: the programme's part (if any) and the recipient's."""

    price_fen: int
    programme_id: str | None
    payer: str | None
    period: str
    subsidy_fen: int
    left_fen: int
    code: str

    @property
    def copay_fen(self) -> int:
        """What the recipient pays."""
        return self.price_fen - self.subsidy_fen


def zone_of(desk: Desk) -> str:
    """The area's time zone."""
    return desk.settings.time_zone if desk.settings is not None else "UTC"


def tariff_on(desk: Desk, day_s: int) -> Tariff | None:
    """The price list that holds on the day: the latest to have begun, of those the last published."""
    day = city_day(day_s, zone_of(desk))
    best: Tariff | None = None
    for tariff in desk.tariffs.values():
        if tariff.valid_from <= day and (best is None or tariff.valid_from >= best.valid_from):
            best = tariff
    return best


def item_of(desk: Desk, visit: Visit) -> TariffItem | None:
    """A visit's item in the tariff that was fixed at its admission."""
    tariff = desk.tariffs.get(visit.tariff_id)
    return tariff.items.get(visit.item) if tariff is not None else None


def list_price_fen(item: TariffItem, service_s: int) -> int:
    """The list price of one service: hours by the second and rounded down, everything else by the visit."""
    return item.price_fen * service_s // 3600 if item.unit == "HOUR" else item.price_fen


def right_of(
    desk: Desk, recipient_id: str, help_kind: HelpKind, day_s: int
) -> tuple[Entitlement, Programme] | str:
    """The entitlement that holds on the day and covers this help, or the code that says why there is none."""
    day = city_day(day_s, zone_of(desk))
    code = "NOT_ENTITLED"
    for right in sorted(desk.entitlements.get(recipient_id, ()), key=lambda e: e.entitlement_id):
        programme = desk.programmes.get(right.programme_id)
        if programme is None or right.class_code is None or programme.valid_from > day:
            continue
        if not right.valid_from <= day < right.valid_until:
            continue
        if help_kind not in programme.helps:
            code = "HELP_NOT_COVERED"
            continue
        return right, programme
    return code


def quota_left_fen(desk: Desk, right: Entitlement, programme: Programme, period: str) -> int:
    """What is neither held nor booked of the month's quota."""
    quota = next((c.quota_fen for c in programme.classes if c.code == right.class_code), 0)
    purse = desk.purses.get(purse_key(right.recipient_id, programme.programme_id, period), Purse())
    return max(0, quota - purse.reserved_fen - purse.settled_fen)


def quote(
    desk: Desk, recipient_id: str, help_kind: HelpKind, price_fen: int, day_s: int, *, own_fen: int = 0
) -> Quote:
    """Who would pay `price_fen` for a service that starts at `day_s`; `own_fen` is already held for it."""
    period = city_month(day_s, zone_of(desk))
    found = right_of(desk, recipient_id, help_kind, day_s)
    if isinstance(found, str):
        return Quote(price_fen, None, None, period, 0, 0, found)
    right, programme = found
    left = quota_left_fen(desk, right, programme, period) + own_fen
    subsidy = min(price_fen, left)
    code = "QUOTA_PAYS" if left > 0 else "QUOTA_EMPTY"
    return Quote(price_fen, programme.programme_id, programme.payer, period, subsidy, left - subsidy, code)


def quote_visit(desk: Desk, visit: Visit, start_s: int) -> Quote:
    """A visit's quote for a start, as if it held nothing yet."""
    item = item_of(desk, visit)
    price = list_price_fen(item, planned_s(visit)) if item is not None else 0
    own = visit.hold.amount_fen if visit.hold and _same_month(desk, visit, start_s) else 0
    return quote(desk, visit.recipient_id, visit.help, price, start_s, own_fen=own)


def _same_month(desk: Desk, visit: Visit, start_s: int) -> bool:
    return visit.hold is not None and visit.hold.period == city_month(start_s, zone_of(desk))


def planned_s(visit: Visit) -> int:
    """Seconds of service asked: the longest of the roles, of an escort both ways without the wait."""
    lengths_s = [need.duration_s for need in visit.needs]
    return max(lengths_s) if visit.trip is None else sum(lengths_s)


def reserve(draft: Draft, visit_id: str) -> None:
    """Hold what the programme would pay for the visit as planned; an older one that differs is given back."""
    visit = draft.desk.visits[visit_id]
    wanted = quote_visit(draft.desk, visit, visit.start_s)
    hold = visit.hold
    if hold is not None:
        same = (hold.programme_id, hold.period, hold.amount_fen)
        if same == (wanted.programme_id, wanted.period, wanted.subsidy_fen):
            return
        release(draft, visit_id)
    if wanted.programme_id is not None and wanted.subsidy_fen > 0:
        draft.say(
            MoneyReserved(
                visit_id=visit_id,
                recipient_id=visit.recipient_id,
                programme_id=wanted.programme_id,
                period=wanted.period,
                amount_fen=wanted.subsidy_fen,
            )
        )


def release(draft: Draft, visit_id: str, *, keep_fen: int = 0) -> None:
    """Give back what a visit holds beyond `keep_fen`."""
    visit = draft.desk.visits[visit_id]
    hold = visit.hold
    if hold is None or hold.amount_fen <= keep_fen:
        return
    draft.say(
        MoneyReleased(
            visit_id=visit_id,
            recipient_id=visit.recipient_id,
            programme_id=hold.programme_id,
            period=hold.period,
            amount_fen=hold.amount_fen - keep_fen,
        )
    )


def settle(draft: Draft, visit_id: str, started_s: int, billed_s: int, *, held: bool) -> bool:
    """Bill a finished visit; False where its item is in no tariff the desk knows."""
    desk, visit = draft.desk, draft.desk.visits[visit_id]
    item = item_of(desk, visit)
    if item is None:
        return False
    price, steps = _price(item, visit, billed_s)
    hold = visit.hold
    period = city_month(started_s, zone_of(desk))
    own = hold.amount_fen if hold is not None and hold.period == period else 0
    who = quote(desk, visit.recipient_id, visit.help, price, started_s, own_fen=own)
    if hold is not None:
        kept = min(own, who.subsidy_fen) if hold.programme_id == who.programme_id else 0
        release(draft, visit_id, keep_fen=kept)
    shares, more = _shares(who)
    line = ClaimLine(
        line_id=draft.new_id(), item=item.code, quantity=1, unit_price_fen=price, amount_fen=price
    )
    carers = [hand.caregiver_id for hand in visit.hands if hand.caregiver_id is not None]
    draft.say(
        VisitPriced(
            visit_id=visit_id,
            recipient_id=visit.recipient_id,
            provider_id=desk.caregivers[carers[0]].provider_id,
            tariff_id=visit.tariff_id,
            period=period,
            lines=(line,),
            shares=shares,
            pay=tuple(
                CaregiverPay(caregiver_id=c, amount_fen=carers.count(c) * item.pay_fen) for c in visit.people
            ),
            steps=(*steps, *more),
            total_fen=price,
            held=held,
        )
    )
    return True


def _price(item: TariffItem, visit: Visit, billed_s: int) -> tuple[int, tuple[PriceStep, ...]]:
    """The price for the time billed: below the item's minimum it is cut in proportion, rounded down."""
    full = list_price_fen(item, planned_s(visit))
    first = PriceStep(code="PRICE", numbers={"price_fen": full}, left_fen=full)
    if billed_s >= item.minimum_s or item.minimum_s == 0:
        return full, (first,)
    cut = full * billed_s // item.minimum_s
    numbers = {"billed_s": billed_s, "price_fen": cut}
    return cut, (first, PriceStep(code="PRICE_CUT_SHORT", numbers=numbers, left_fen=cut))


def _shares(who: Quote) -> tuple[tuple[Share, ...], tuple[PriceStep, ...]]:
    """Who pays what, the programme first; the shares add up to the price."""
    shares: list[Share] = []
    steps: list[PriceStep] = []
    if who.subsidy_fen > 0 and who.payer is not None:
        payer = Payer(who.payer)
        shares.append(Share(payer=payer, programme_id=who.programme_id, amount_fen=who.subsidy_fen))
        numbers = {"amount_fen": who.subsidy_fen, "left_quota_fen": who.left_fen}
        steps.append(PriceStep(code="QUOTA_PAYS", numbers=numbers, left_fen=who.copay_fen))
    elif who.price_fen > 0:
        steps.append(PriceStep(code=who.code, left_fen=who.copay_fen))
    if who.copay_fen > 0 or not shares:
        shares.append(Share(payer=Payer.SELF, programme_id=None, amount_fen=who.copay_fen))
        steps.append(PriceStep(code="SELF_PAYS", numbers={"amount_fen": who.copay_fen}, left_fen=0))
    return tuple(shares), tuple(steps)
