"""One bill explained: each step as a sentence, and what it rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from consumers.finance import queries
from consumers.names import ids_in, names_of, sentences
from schemas.base import Reason
from schemas.decisions import VisitPlanned, VisitPriced
from schemas.reasons import Language, sentence
from schemas.shown import payer_name, yuan

STEP_NAMES = {
    "PRICE": ("价目", "List price"),
    "PRICE_CUT_SHORT": ("时长不足", "Short service"),
    "QUOTA_PAYS": ("补贴", "Subsidy"),
    "QUOTA_EMPTY": ("补贴", "Subsidy"),
    "NOT_ENTITLED": ("补贴", "Subsidy"),
    "HELP_NOT_COVERED": ("补贴", "Subsidy"),
    "SELF_PAYS": ("自己付", "Self"),
}
GRADES = {
    "VERIFIED": ("已核实", "verified"),
    "UNVERIFIED": ("未核实", "unverified"),
    "EXCEPTION": ("要看", "to be looked at"),
}


@dataclass(frozen=True)
class Step:
    """One step of the sum: what it does to what is left, in fen."""

    name: str
    sentence: str
    amount_fen: int
    left_fen: int
    is_price: bool


@dataclass(frozen=True)
class Explained:
    """Everything the page of one visit shows."""

    visit: Mapping[str, Any]
    bill: VisitPriced | None
    steps: tuple[Step, ...]
    names: Mapping[str, str]
    item_name: str
    item: Mapping[str, Any] | None
    stops: Sequence[Mapping[str, Any]]
    findings: tuple[str, ...]
    exceptions: tuple[str, ...]
    postings: Sequence[Mapping[str, Any]]
    why: tuple[str, ...]
    language: Language

    @property
    def grade(self) -> str:
        """The verdict as a word."""
        zh, en = GRADES.get(self.visit["grade"] or "", ("还没有结论", "no verdict yet"))
        return zh if self.language == "zh" else en

    @property
    def shares_sum(self) -> str:
        """`96.00 + 84.00`."""
        return " + ".join(yuan(share.amount_fen) for share in self.bill.shares) if self.bill else ""

    @property
    def is_even(self) -> bool:
        """Whether the shares make the total."""
        return self.bill is not None and sum(s.amount_fen for s in self.bill.shares) == self.bill.total_fen

    def payer(self, payer: str, programme_id: str | None) -> str:
        """A payer with the programme it pays by."""
        name = payer_name(payer, self.language)
        return f"{name} {programme_id}" if programme_id else name


ACCOUNTS = {
    "held": ("额度，预占", "Quota, held"),
    "spent": ("额度，已用", "Quota, spent"),
    "purse": ("额度账户", "Quota"),
    "provider": ("欠", "Owed to"),
    "suspense": ("暂存，欠", "In suspense, owed to"),
}


def account_name(account: str, language: Language, names: Mapping[str, str]) -> str:
    """A ledger account in words."""
    kind, _, rest = account.partition(":")
    if kind == "payer":
        payer, _, programme = rest.partition(":")
        name = payer_name(payer, language)
        return name if programme in ("", "-") else f"{name} {programme}"
    zh, en = ACCOUNTS.get(kind, (account, account))
    word = zh if language == "zh" else en
    if kind in ("provider", "suspense"):
        return f"{word} {names.get(rest, rest)}"
    return f"{word} {rest.rpartition('/')[2]}"


def steps_of(bill: VisitPriced, language: Language, names: Mapping[str, str]) -> tuple[Step, ...]:
    """The steps of a bill: what each takes from what is left (a price sets it)."""
    left = 0
    found = []
    for step in bill.steps:
        zh, en = STEP_NAMES.get(step.code, (step.code, step.code))
        reason = Reason(code=step.code, numbers=step.numbers, refs=step.refs)
        is_price = step.code.startswith("PRICE")
        amount = step.left_fen if is_price else step.left_fen - left
        left = step.left_fen
        told = sentence(reason, language, names)
        found.append(Step(zh if language == "zh" else en, told, amount, left, is_price))
    return tuple(found)


def explain(connection: Connection, visit_id: str, language: Language) -> Explained | None:
    """What stands behind a visit's money; None for an unknown visit."""
    visit = queries.visit(connection, visit_id)
    if visit is None:
        return None
    bill = VisitPriced.model_validate(visit["bill"]) if visit["bill"] else None
    stops = queries.stops_of(connection, visit_id)
    choice = VisitPlanned.model_validate(visit["choice"]) if visit["choice"] else None
    chosen = choice.candidates[0].reasons if choice and choice.candidates else ()
    reasons = [reason.model_dump() for reason in (*chosen, *(choice.reasons if choice else ()))]
    ids = {visit["recipient_id"], visit["provider_id"], *(stop["caregiver_id"] for stop in stops)}
    ids |= ids_in(visit["findings"]) | ids_in(visit["exceptions"]) | ids_in(reasons)
    names = names_of(connection, ids, language)
    lines = [
        {**line, "name": account_name(line["account"], language, names)}
        for line in queries.postings_of(connection, visit_id)
        if line["amount_fen"]
    ]
    item_names = queries.items(connection).get(visit["item"], (visit["item"], visit["item"]))
    item = queries.tariff_item(connection, visit["area"], bill.tariff_id, visit["item"]) if bill else None
    return Explained(
        visit,
        bill,
        steps_of(bill, language, names) if bill else (),
        names,
        item_names[0 if language == "zh" else 1],
        item,
        stops,
        tuple(sentences(visit["findings"], language, names)),
        tuple(sentences(visit["exceptions"], language, names)),
        lines,
        tuple(sentences(reasons, language, names)),
        language,
    )
