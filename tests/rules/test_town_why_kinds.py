"""`liuzhu why` for each kind of decision, told from a town's own journal, in both languages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from infra.why import told
from schemas.codes import Acceptance, AlarmKind
from schemas.decisions import RequestAdmitted
from schemas.facts import AlarmRaised, Asks, AssignmentDeclined, PlanProposed
from schemas.shapes import ProposedStop
from tests.rules.core.small_town import SETTINGS, Town, clock, only, point, small_town, span

NAMES = {"c1": "许凤霞", "c2": "段小芹", "c3": "丁玉兰", "r1": "罗玉珍", "r2": "马德福", "p1": "安康"}


def lines(town: Town, subject: str) -> str:
    enrolled = {town.area: dict.fromkeys(town.desk.caregivers, 0)}
    visits = {v.visit_id: NAMES.get(v.recipient_id, v.visit_id) for v in town.desk.visits.values()}
    return "\n".join(told(town.rows, subject, NAMES | visits, enrolled))


def visit_of(said: tuple[object, ...]) -> str:
    admitted = only(said, "RequestAdmitted")  # type: ignore[arg-type]
    assert isinstance(admitted, RequestAdmitted)
    return admitted.visit_id


def by_insertion() -> str:
    """The second visit is put before the first, which moves within its promise."""
    town = Town()
    town.open()
    town.provider("p1")
    town.caregiver("c1", home=point(0, 0))
    town.caregiver("c2", home=point(60_000, 60_000), skills=("MEAL",))
    town.recipient("r1", home=point(9_000, 9_000), usual_caregiver_ids=("c1",), class_code="DISABLED")
    town.recipient("r2", home=point(5_000, 5_000))
    town.now = clock("07:00")
    first = visit_of(town.ask("r2", "CLEAN_HOME", span("08:30", "10:00")))
    town.check_in(visit_of(town.ask("r1", "MEAL_LUNCH", span("08:05", "08:10"))), "c1", clock("08:06"))
    second = visit_of(town.ask("r1", "BLOOD_PRESSURE", span("08:20", "08:30")))
    assert first != second
    return lines(town, second)


def from_a_plan() -> str:
    """The plan keeps a visit with its caregiver, and moves another to a nearer one."""
    town = small_town(2, 2)
    visit_id = visit_of(town.ask("r1", "BATH_BED", span("13:00", "15:00")))
    had = town.desk.visits[visit_id].hands[0].caregiver_id
    other = "c2" if had == "c1" else "c1"
    town.now += timedelta(minutes=1)
    town.tell(
        PlanProposed(
            **town.base("PLANNER", "pl1"),
            base_seq=len(town.rows),
            engine="RUIN_ORTOOLS",
            stops=(ProposedStop(visit_id=visit_id, role=0, caregiver_id=had, start_at=clock("13:00")),),
            price_s=100,
            base_price_s=200,
            solve_ms=10,
        )
    )
    assert other != had
    return lines(town, visit_id)


def a_crew() -> str:
    """Two at once."""
    town = small_town(3, 2)
    return lines(town, visit_of(town.ask("r1", "BATH_HOME", span("10:00", "11:00"))))


def nobody() -> str:
    """Two are asked for, and one of the two goes home at noon."""
    town = small_town(2, 2)
    town.shift("s-c2", "c2", "08:00", "12:00")
    town.open(SETTINGS.model_copy(update={"neighbours": ("a2",)}))
    town.ask("r1", "BATH_HOME", span("14:00", "14:30"), asks=Asks(provider_id="p1"), request_id="q1")
    return lines(town, "q1")


def an_emergency() -> str:
    """The nearest leaves a visit behind."""
    town = small_town(3, 3)
    for recipient_id in ("r1", "r2"):
        town.ask(recipient_id, "CLEAN_HOME", span("09:00", "09:20"))
    town.now = clock("08:50")
    town.tell(
        AlarmRaised(**town.base("DEVICE", "d1"), case_id="case1", kind=AlarmKind.FALL, recipient_id="r3")
    )
    return lines(town, "case1")


def a_new_home() -> str:
    """Whoever was asked declines; the next is asked."""
    town = small_town(2, 2, Acceptance.CAREGIVER)
    visit_id = visit_of(town.ask("r1", "BATH_BED", span("08:00", "08:30")))
    offer = next(iter(town.desk.offers.values()))
    town.tell(AssignmentDeclined(**town.base("CAREGIVER"), offer_id=offer.offer_id, reason="ILL"))
    return lines(town, visit_id)


def nobody_left() -> str:
    """Both decline; what could be given up goes to the operator with the visit."""
    town = small_town(2, 2, Acceptance.CAREGIVER)
    visit_id = visit_of(town.ask("r1", "BATH_BED", span("08:00", "08:30")))
    for _ in range(2):
        offer = next(o for o in town.desk.offers.values() if o.state == "OPEN")
        town.tell(AssignmentDeclined(**town.base("CAREGIVER"), offer_id=offer.offer_id, reason="ILL"))
    return lines(town, visit_id)


EVERY = ("自己付", "co-pay", "近 14 天", "in 14 days", "告知 / told")
KINDS = {
    by_insertion: (*EVERY, "最省路的插入", "那一单晚", "the visit of 马德福 starts", "来过 1 次",
                   "came 1×", "常去的熟人", "没有这项技能", "lacks the skill", "cheapest insertion"),
    from_a_plan: (*EVERY, "全天排班", "the day's plan", "RUIN_ORTOOLS"),
    a_crew: (*EVERY, "、", "不用挪动别人", "nobody else is moved"),
    nobody: ("没有受理 / refused", "这个时段没有人能去", "nobody can come", "办法 / way out 1", "min earlier",
             "只来一个人", "one person alone", "问问邻近片区", "a neighbouring area",
             "那时不当班", "没有能一起去的第二人", "no second caregiver"),
    an_emergency: ("助急派出 / emergency, sent", "路上", "min of travel", "最近", "the nearest"),
    a_new_home: ("撤回 / withdrawn", "服务人员推辞", "改派 / a new home", "has declined this visit"),
    nobody_left: ("没有人了 / nobody has it", "这单已经推辞过", "转人工 / handed to OPERATOR"),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_why_tells_all_that_was_weighed(kind: object) -> None:
    """A family asks why somebody else came; the answer must be whole, and in their language."""
    text = kind()  # type: ignore[operator]
    missing = [words for words in KINDS[kind] if words not in text]  # type: ignore[index]
    assert not missing, text
    assert "{" not in text
    assert "?" not in text, text
