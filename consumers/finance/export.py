"""CSV as Excel reads it: UTF-8 with a mark, Chinese headings, one row for each visit."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from consumers.finance import queries
from consumers.finance.explain import GRADES
from consumers.finance.queries import PAYERS, Period
from consumers.names import names_of, sentences
from schemas.reasons import Language
from schemas.shown import help_name, local, payer_name

MARK = "\ufeff"
HEADINGS = (
    ("服务单", "Visit"),
    ("服务组织", "Provider"),
    ("街道", "Street"),
    ("服务对象", "Recipient"),
    ("服务人员", "Caregivers"),
    ("类别", "Help"),
    ("项目", "Item"),
    ("日期", "Date"),
    ("开始", "Start"),
    ("结束", "End"),
    ("计费分钟", "Billed min"),
    ("核实", "Verdict"),
    ("说明", "Findings"),
)
TAIL = (("应付，元", "Owed, yuan"), ("待处理", "Waits"), ("片区", "Area"))


def safe(cell: str) -> str:
    """A cell that a spreadsheet takes for text, never for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def plain_yuan(fen: int) -> str:
    """`1076155.00`, for a spreadsheet."""
    sign, amount = ("-" if fen < 0 else ""), abs(fen)
    return f"{sign}{amount // 100}.{amount % 100:02d}"


def headings(language: Language) -> list[str]:
    """The first row."""
    n = 0 if language == "zh" else 1
    unit = "，元" if language == "zh" else ", yuan"
    payers = [f"{payer_name(payer, language)}{unit}" for payer in PAYERS]
    return [one[n] for one in HEADINGS] + payers + [one[n] for one in TAIL]


def csv_of(
    connection: Connection, period: Period, language: Language, provider: str | None = None
) -> Iterator[str]:
    """The month as CSV, in pieces."""
    rows = queries.bills(connection, period, provider=provider)
    crews = queries.caregivers_of(connection, [row["visit_id"] for row in rows])
    ids = {row[key] for row in rows for key in ("recipient_id", "provider_id", "street")}
    names = names_of(connection, ids | {one for crew in crews.values() for one in crew}, language)
    item_names = queries.items(connection)
    yield MARK + _csv_line(headings(language))
    for row in rows:
        crew = crews.get(row["visit_id"], [])
        yield _csv_line(cells(row, crew, names, item_names, language))


def _csv_line(row: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(row)
    return out.getvalue()


def cells(
    row: Mapping[str, Any],
    crew: Sequence[str],
    names: Mapping[str, str],
    item_names: Mapping[str, tuple[str, str]],
    language: Language,
) -> list[str]:
    """One visit as the cells of a row."""
    n = 0 if language == "zh" else 1

    def name(one: str | None) -> str:
        return names.get(one or "", one or "")

    start, end = row["started_at"], row["finished_at"]
    verdict = (
        ("没有去成", "missed")[n] if row["status"] == "MISSED" else GRADES.get(row["grade"], ("", ""))[n]
    )
    findings = sentences([*row["findings"], *row["exceptions"]], language, names)
    shares = dict.fromkeys(PAYERS, 0)
    for share in row["shares"] or ():
        shares[share["payer"]] = shares.get(share["payer"], 0) + share["amount_fen"]
    told = [
        row["visit_id"],
        name(row["provider_id"]),
        name(row["street"]),
        name(row["recipient_id"]),
        "、".join(name(one) for one in crew),
        help_name(row["help"], language),
        item_names.get(row["item"], (row["item"], row["item"]))[n],
        local(start or row["opens_at"]).strftime("%Y-%m-%d"),
        local(start).strftime("%H:%M:%S") if start else "",
        local(end).strftime("%H:%M:%S") if end else "",
        str(row["billed_s"] // 60) if row["billed_s"] is not None else "",
        verdict,
        ("；" if language == "zh" else "; ").join(dict.fromkeys(findings)),
        *(plain_yuan(shares[payer]) for payer in PAYERS),
        plain_yuan(row["total_fen"] or 0),
        (("是", "yes")[n] if row["held"] else ""),
        row["area"],
    ]
    money = range(len(HEADINGS), len(HEADINGS) + len(PAYERS) + 1)
    return [cell if n in money else safe(cell) for n, cell in enumerate(told)]
