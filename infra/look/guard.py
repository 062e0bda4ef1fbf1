"""The door of the pages: loopback hosts only, no requests from other sites, no endless bodies."""

import json
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from schemas.web import Refused

MAX_REQUEST_BYTES = 524_288
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
        b"frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
)


def is_local(host: str) -> bool:
    """Whether a Host header names this machine's loopback address."""
    name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def refusal_of(method: str, headers: dict[str, str]) -> Refused | None:
    """Why a request may not come in, judged by its method and headers (lower-case names); None if it may.

    A browser names the page a request came from (Sec-Fetch-Site, Origin); a program names neither.
    """
    host = headers.get("host", "")
    if not is_local(host):
        return Refused("HOST_NOT_LOCAL", status=421)
    if method not in SAFE_METHODS:
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != host:
            return Refused("ORIGIN_FOREIGN", status=403)
        if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
            return Refused("ORIGIN_FOREIGN", status=403)
    length = headers.get("content-length", "0")
    if not length.isdigit() or int(length) > MAX_REQUEST_BYTES:
        return Refused("REQUEST_TOO_LARGE", status=413)
    return None


class _TooLong(Exception):
    pass


class Guard:
    """ASGI middleware that refuses before a page is asked, and adds the headers that keep pages apart."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it with a coded refusal."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        refused = refusal_of(scope["method"], headers)
        if refused is not None:
            await _answer(send, refused)
            return
        passage = _Passage(receive, send)
        try:
            await self.app(scope, passage.receive, passage.send)
        except _TooLong:
            await passage.refuse()


class _Passage:
    """One request's way in and out: counts what comes in, and answers for the page when it is too much."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._taken = 0
        self._begun = False
        self._refused = False

    async def receive(self) -> Message:
        message = await self._receive()
        self._taken += len(message.get("body", b""))
        if self._taken > MAX_REQUEST_BYTES:
            raise _TooLong
        return message

    async def send(self, message: Message) -> None:
        if self._taken > MAX_REQUEST_BYTES and not self._begun:
            # Whoever read the body made something else of the interruption; it is ours to answer.
            await self.refuse()
        if self._refused:
            return
        if message["type"] == "http.response.start":
            self._begun = True
            message["headers"] = [*message["headers"], *HEADERS]
        await self._send(message)

    async def refuse(self) -> None:
        if not self._begun and not self._refused:
            self._refused = True
            await _answer(self._send, Refused("REQUEST_TOO_LARGE", status=413))


async def _answer(send: Send, refused: Refused) -> None:
    body = json.dumps({"code": refused.code, "zh": refused.zh, "en": refused.en}, ensure_ascii=False).encode()
    content = [(b"content-type", b"application/json; charset=utf-8"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": refused.status, "headers": [*content, *HEADERS]})
    await send({"type": "http.response.body", "body": body})
