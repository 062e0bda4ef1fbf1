"""The finance pages: month, visits, why, exceptions, CSV. They read and never write."""

from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response, StreamingResponse
from sqlalchemy import Connection

from consumers.finance import charts, exceptions, queries
from consumers.finance.explain import GRADES, Explained, explain
from consumers.finance.export import csv_of
from consumers.finance.month import month_of
from consumers.finance.queries import PAYERS, Period, period_of
from consumers.finance.that_day import Day, day_of
from consumers.names import names_of, sentences
from schemas.reasons import Language
from schemas.web import Kit, Refused

FOLDER = Path(__file__).parent
PAGE_ROWS = 100
BY = ("provider", "street", "help")
ONLY = ("", "paid", "held", "missed")


class Finance:
    """The pages, over a kit."""

    def __init__(self, kit: Kit) -> None:
        self.kit = kit

    def _period(self, request: Request) -> Period:
        return period_of(request.query_params.get("period"), self.kit.now())

    async def _shared(self, request: Request, tab: str, period: Period) -> dict[str, Any]:
        language = self.kit.lang(request)

        def read(connection: Connection) -> tuple[int, str]:
            return queries.held_count(connection, period), queries.city_name(connection, language)

        waiting, city = await self.kit.read(read)
        return {
            "tab": tab,
            "period": period,
            "waiting": waiting,
            "city": city,
            "who": self.kit.who(request, "FINANCE"),
            "payers": PAYERS,
            "grades": GRADES,
        }

    async def month(self, request: Request) -> Response:
        """The month, added up and held against the ledger."""
        period, language = self._period(request), self.kit.lang(request)
        by = request.query_params.get("by", "provider")
        by = by if by in BY else "provider"
        month = await self.kit.read(lambda connection: month_of(connection, period, by, language))
        counts = await self.kit.read(lambda connection: queries.days(connection, period))
        shared = await self._shared(request, "month", period)
        chart = charts.day_chart(period, counts)
        return self.kit.page(request, FOLDER, "month.html", month=month, by=by, chart=chart, **shared)

    async def visits(self, request: Request) -> Response:
        """The month's visits with price, payers and verdict, a hundred at a time."""
        period, language = self._period(request), self.kit.lang(request)
        asked = request.query_params
        only = asked.get("only", "") if asked.get("only", "") in ONLY else ""
        provider = asked.get("provider") or None
        page = int(asked.get("page", "1")) if asked.get("page", "1").isdigit() else 1
        page = max(page, 1)

        def read(connection: Connection) -> dict[str, Any]:
            rows = queries.bills(
                connection,
                period,
                provider=provider,
                only=only,
                limit=PAGE_ROWS + 1,
                offset=(page - 1) * PAGE_ROWS,
            )
            return _with_names(connection, rows, provider, language)

        found = await self.kit.read(read)
        more = len(found["rows"]) > PAGE_ROWS
        found["rows"] = found["rows"][:PAGE_ROWS]
        shared = await self._shared(request, "visits", period)
        chosen: dict[str, Any] = {"only": only, "provider": provider, "page": page, "more": more}
        return self.kit.page(request, FOLDER, "visits.html", **found, **chosen, **shared)

    async def why(self, request: Request, visit_id: str) -> Response:
        """Why a visit costs what it costs, and who pays."""
        language = self.kit.lang(request)
        told = await self.kit.read(lambda connection: explain(connection, visit_id, language))
        if told is None:
            raise Refused("VISIT_UNKNOWN", status=404)
        period = period_of(told.bill.period if told.bill else None, told.visit["opens_at"])
        shared = await self._shared(request, "visits", period)
        return self.kit.page(request, FOLDER, "why.html", told=told, **shared)

    async def exceptions(self, request: Request) -> Response:
        """What waits for a person, one at a time."""
        period, language = self._period(request), self.kit.lang(request)
        groups = await self.kit.read(lambda connection: exceptions.groups_of(connection, period, language))
        chosen = request.query_params.get("visit") or next((g.held[0].visit_id for g in groups), "")
        told = await self.kit.read(lambda connection: explain(connection, chosen, language))
        day = await self.kit.read(lambda connection: _day(connection, told)) if told else None
        before, after = exceptions.neighbours(groups, chosen)
        code = exceptions.first_reason(told.visit)["code"] if told else ""
        shared = await self._shared(request, "exceptions", period)
        return self.kit.page(
            request,
            FOLDER,
            "exceptions.html",
            groups=groups,
            chosen=chosen,
            told=told,
            day=day,
            before=before,
            after=after,
            to_do=exceptions.to_do(code, language),
            **shared,
        )

    async def csv(self, request: Request) -> Response:
        """The month as CSV; `provider` narrows it to a provider's statement."""
        period, language = self._period(request), self.kit.lang(request)
        provider = request.query_params.get("provider") or None
        pieces = await self.kit.read(lambda connection: list(csv_of(connection, period, language, provider)))
        name = f"liuzhu-{period.code}{'-' + provider if provider and provider.isalnum() else ''}.csv"
        headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
        return StreamingResponse(iter(pieces), media_type="text/csv; charset=utf-8", headers=headers)


def _day(connection: Connection, told: Explained) -> Day:
    """The day of the visit's caregivers."""
    return day_of(
        connection, dict(told.visit), [one["caregiver_id"] for one in told.stops if one["caregiver_id"]]
    )


def _with_names(
    connection: Connection, rows: list[dict[str, Any]], provider: str | None, language: Language
) -> dict[str, Any]:
    """Rows of the list with all names and sentences they need."""
    crews = queries.caregivers_of(connection, [row["visit_id"] for row in rows])
    ids = {row[key] for row in rows for key in ("recipient_id", "provider_id")}
    ids |= {one for crew in crews.values() for one in crew} | {provider}
    names = names_of(connection, ids, language)
    item_names = {
        code: pair[0 if language == "zh" else 1] for code, pair in queries.items(connection).items()
    }
    for row in rows:
        row["crew"] = [names.get(one, one) for one in crews.get(row["visit_id"], [])]
        paid = {share["payer"]: 0 for share in row["shares"] or ()}
        for share in row["shares"] or ():
            paid[share["payer"]] += share["amount_fen"]
        row["paid"] = paid
        told = [*row["exceptions"], *row["findings"]]
        row["told"] = list(dict.fromkeys(sentences(told, language, names)))
    return {"rows": rows, "names": names, "item_names": item_names}


def mount(app: FastAPI, kit: Kit) -> None:
    """Put the finance pages under /finance."""
    pages = Finance(kit)
    kit.static(FOLDER)
    app.get("/finance", include_in_schema=False)(pages.month)
    app.get("/finance/")(pages.month)
    app.get("/finance/visits")(pages.visits)
    app.get("/finance/visits.csv")(pages.csv)
    app.get("/finance/visits/{visit_id}")(pages.why)
    app.get("/finance/exceptions")(pages.exceptions)
