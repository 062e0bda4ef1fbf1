"""A road router in this process: speaks OSRM's and Valhalla's documented JSON about a town on a grid."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

OK, LATER, BROKEN, SILENT, NONSENSE, REFUSED, SHORT, NEGATIVE = range(8)
ISLAND_LON = 113.0
"""East of it no road leads to."""

Point = tuple[float, float]
Rows = list[list[float | None]]


class Town:
    """What the router does next, and what it was asked."""

    def __init__(self) -> None:
        self.mood = OK
        self.concise = False
        self.asked: list[str] = []
        self.base = ""
        self.closing = threading.Event()


def way_s(a: Point, b: Point) -> float | None:
    """Seconds by the town's roads, slower to the north; None where no road leads."""
    if a != b and max(a[1], b[1]) > ISLAND_LON:
        return None
    north, east = b[0] - a[0], b[1] - a[1]
    return round(36_000 * (abs(north) + abs(east)) + max(0.0, 9_000 * north), 1)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, town: Town) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.town = town


@contextmanager
def served() -> Iterator[Town]:
    """The town's router on a loopback port."""
    town = Town()
    server = _Server(town)
    town.base = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield town
    finally:
        town.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        """OSRM: GET /table/v1/{profile}/{lon},{lat};…?sources=…&destinations=…"""
        url = urlsplit(self.path)
        asked = parse_qs(url.query)
        _, service, version, profile, coordinates = url.path.split("/")
        assert (service, version, asked["annotations"]) == ("table", "v1", ["duration"])
        points = [(float(p.split(",")[1]), float(p.split(",")[0])) for p in coordinates.split(";")]
        numbers = [[int(k) for k in asked[name][0].split(";")] for name in ("sources", "destinations")]
        sources, targets = ([points[k] for k in some] for some in numbers)
        if len(points) > 100:
            self._say(400, {"code": "TooBig", "message": "Too many table coordinates"})
            return
        refused = {"code": "InvalidQuery", "message": "Query string malformed"}
        self._answer(profile, sources, targets, refused, lambda rows: {"code": "Ok", "durations": rows})

    def do_POST(self) -> None:
        """Valhalla: POST /sources_to_targets {sources, targets, costing}"""
        assert self.path == "/sources_to_targets"
        told = json.loads(self.rfile.read(int(self.headers["content-length"])))
        sources, targets = ([(p["lat"], p["lon"]) for p in told[k]] for k in ("sources", "targets"))
        refused = {"error_code": 150, "error": "Exceeded max locations", "status_code": 400}
        if len(sources) * len(targets) > 2_500:
            self._say(400, refused)
            return
        self._answer(told["costing"], sources, targets, refused, self._matrix)

    def _matrix(self, rows: Rows) -> dict[str, Any]:
        if self.server.town.concise:
            return {"sources_to_targets": {"durations": rows, "distances": rows}, "units": "kilometers"}
        cells = [
            [{"from_index": a, "to_index": b, "time": s, "distance": 1.0} for b, s in enumerate(row)]
            for a, row in enumerate(rows)
        ]
        return {"sources_to_targets": cells, "units": "kilometers"}

    def _answer(
        self, mode: str, sources: list[Point], targets: list[Point], refused: Any, said: Callable[[Rows], Any]
    ) -> None:
        town = self.server.town
        town.asked.append(mode)
        rows = [[way_s(a, b) for b in targets] for a in sources]
        if town.mood == SILENT:
            town.closing.wait()
        if town.mood == SHORT:
            rows = rows[1:]
        if town.mood == NEGATIVE:
            rows[0][-1] = -5.0
        if town.mood in (LATER, BROKEN, REFUSED):
            self._say({LATER: 429, BROKEN: 503, REFUSED: 400}[town.mood], refused)
        else:
            self._say(200, None if town.mood == NONSENSE else said(rows))

    def _say(self, status: int, told: Any) -> None:
        body = b"<html>" if told is None else json.dumps(told).encode()
        try:
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except ConnectionError:
            return

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: tests speak for themselves."""
