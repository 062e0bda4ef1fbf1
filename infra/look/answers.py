"""Refusals and failures as a person reads them: Chinese, then English, with a code; for page or program."""

import logging
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import ValidationError
from sqlalchemy.exc import InterfaceError, OperationalError
from starlette.exceptions import HTTPException

from infra.look.identity import keep_language
from infra.look.kit import LOOK, FrameKit
from schemas.ports import SinkClosed
from schemas.web import Refused, WhoUnknown

log = logging.getLogger(__name__)


def wants_page(request: Request) -> bool:
    """A browser asks for HTML; everything else gets JSON."""
    return "text/html" in request.headers.get("accept", "") or "hx-request" in request.headers


def refusal_of(error: Exception) -> Refused:
    """The refusal that says what `error` means to the person before the page."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, RequestValidationError | ValidationError):
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"] if part not in {"body", "query", "path"})
        code = "WINDOW_REVERSED" if "WINDOW_REVERSED" in first["msg"] else "FORM_WRONG"
        return Refused(code, place=place, detail=place)
    if isinstance(error, HTTPException):
        code = {404: "PAGE_UNKNOWN", 405: "METHOD_WRONG"}.get(error.status_code, "FORM_WRONG")
        return Refused(code, status=error.status_code)
    if isinstance(error, OperationalError | InterfaceError):
        return Refused("STORE_AWAY", status=503)
    if isinstance(error, SinkClosed):
        return Refused("LINE_AWAY", status=503)
    if isinstance(error, WhoUnknown):
        return Refused("WHO_UNKNOWN", status=401)
    return Refused("PAGE_FAILED", status=500)


class Answers:
    """Tells refusals in the form the asker reads."""

    def __init__(self, kit: FrameKit) -> None:
        self.kit = kit

    async def answer(self, request: Request, error: Exception) -> Response:
        """The refusal as JSON, as a part of a page, or as a page; who is unknown is sent to the switch."""
        is_part = "hx-request" in request.headers
        if isinstance(error, WhoUnknown) and wants_page(request) and request.method == "GET" and not is_part:
            response = RedirectResponse(
                f"/who?role={error.role}&next={quote(request.url.path)}", status_code=303
            )
            keep_language(request, response)
            return response
        refused = refusal_of(error)
        if refused.code == "PAGE_FAILED":
            # The path and the trace only: a message may hold what a person typed.
            kind = type(error).__name__
            log.error("%s %s failed: %s", request.method, request.url.path, kind, exc_info=error)
        if not wants_page(request):
            body = {"code": refused.code, "place": refused.place, "zh": refused.zh, "en": refused.en}
            return JSONResponse(body, status_code=refused.status)
        template = "refused_part.html" if is_part else "refused.html"
        return self.kit.page(request, LOOK, template, status=refused.status, refused=refused)


def mount(app: FastAPI, kit: FrameKit) -> None:
    """Answer every refusal of every page."""
    answers = Answers(kit)
    kinds = (
        Refused,
        RequestValidationError,
        ValidationError,
        HTTPException,
        OperationalError,
        InterfaceError,
        SinkClosed,
        WhoUnknown,
        Exception,
    )
    for kind in kinds:
        app.add_exception_handler(kind, answers.answer)
