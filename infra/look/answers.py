"""Refusals and failures as a person reads them: Chinese first, then English, with a code, for page or program."""

import logging
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException

from infra.look.kit import LOOK, FrameKit
from schemas.ports import SinkClosed
from schemas.web import Refused, WhoUnknown

log = logging.getLogger(__name__)


def wants_page(request: Request) -> bool:
    """A browser asks for HTML; everything else gets JSON."""
    return "text/html" in request.headers.get("accept", "") or "hx-request" in request.headers


def mount(app: FastAPI, kit: FrameKit) -> None:
    """Answer every refusal of every page."""

    def answer(request: Request, refused: Refused) -> Response:
        if not wants_page(request):
            body = {"code": refused.code, "place": refused.place, "zh": refused.zh, "en": refused.en}
            return JSONResponse(body, status_code=refused.status)
        template = "refused_part.html" if "hx-request" in request.headers else "refused.html"
        return kit.page(request, LOOK, template, status=refused.status, refused=refused)

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, Refused)
        return answer(request, error)

    async def form_wrong(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError | ValidationError)
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"] if part not in {"body", "query", "path"})
        code = "WINDOW_REVERSED" if "WINDOW_REVERSED" in first["msg"] else "FORM_WRONG"
        return answer(request, Refused(code, place=place, detail=place))

    async def of_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        code = {404: "PAGE_UNKNOWN", 405: "METHOD_WRONG"}.get(error.status_code, "FORM_WRONG")
        return answer(request, Refused(code, status=error.status_code))

    async def store_away(request: Request, error: Exception) -> Response:
        return answer(request, Refused("STORE_AWAY", status=503))

    async def line_away(request: Request, error: Exception) -> Response:
        return answer(request, Refused("LINE_AWAY", status=503))

    async def who_unknown(request: Request, error: Exception) -> Response:
        assert isinstance(error, WhoUnknown)
        if wants_page(request) and request.method == "GET" and "hx-request" not in request.headers:
            return RedirectResponse(f"/who?role={error.role}&next={quote(request.url.path)}", status_code=303)
        return answer(request, Refused("WHO_UNKNOWN", status=401))

    async def failed(request: Request, error: Exception) -> Response:
        # The path and the kind of error only: a message may hold what a person typed.
        log.error("%s %s failed: %s", request.method, request.url.path, type(error).__name__, exc_info=error)
        return answer(request, Refused("PAGE_FAILED", status=500))

    app.add_exception_handler(Refused, refused)
    app.add_exception_handler(RequestValidationError, form_wrong)
    app.add_exception_handler(ValidationError, form_wrong)
    app.add_exception_handler(HTTPException, of_http)
    app.add_exception_handler(OperationalError, store_away)
    app.add_exception_handler(SinkClosed, line_away)
    app.add_exception_handler(WhoUnknown, who_unknown)
    app.add_exception_handler(Exception, failed)
