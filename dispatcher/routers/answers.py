"""What both routers have in common: the question sent, the answer read, and what can be wrong with it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import httpx
import numpy as np
import numpy.typing as npt

Cells = npt.NDArray[np.float64]
"""[from, to] seconds; NaN where the router knows no way."""

MOST_S = 10_000_000
"""No way takes longer; larger numbers mean milliseconds, or nonsense."""


class RouterAway(Exception):
    """The router did not answer, or answered nonsense: it may be asked again later."""


class RouterRefused(Exception):
    """The router answers, but not to this: asking again would not help."""


def url_for(urls: Mapping[str, str], mode: str) -> str:
    """The address for a mode. Raises RouterRefused when nobody serves it."""
    url = urls.get(mode) or urls.get("")
    if url is None:
        raise RouterRefused(f"no router is set for {mode}")
    return url.rstrip("/")


def name_for(names: Mapping[str, str], mode: str) -> str:
    """The router's own word for a mode. Raises RouterRefused when it has none."""
    if mode not in names:
        raise RouterRefused(f"no router knows the mode {mode}")
    return names[mode]


async def read(request: httpx.Request, http: httpx.AsyncClient) -> dict[str, Any]:
    """The answer's JSON. Raises RouterAway when there is none, RouterRefused for a 4xx but "too many"."""
    try:
        answer = await http.send(request)
    except httpx.HTTPError as error:
        raise RouterAway(type(error).__name__) from None
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS or answer.status_code >= 500:
        raise RouterAway(f"HTTP {answer.status_code}")
    if answer.status_code >= 400:
        raise RouterRefused(f"HTTP {answer.status_code}: {answer.text[:200]}")
    try:
        told = answer.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise RouterAway("the answer is no JSON") from None
    if not isinstance(told, dict):
        raise RouterAway("the answer is no object")
    return told


def cells(told: Any, n: int, m: int) -> Cells:
    """The numbers of an answer of n rows and m columns; null is NaN. Raises RouterAway for anything else."""
    if not isinstance(told, list) or len(told) != n:
        raise RouterAway("the answer has other rows than were asked for")
    found = np.full((n, m), math.nan)
    for a, row in enumerate(told):
        if not isinstance(row, list) or len(row) != m:
            raise RouterAway("the answer has other columns than were asked for")
        for b, value in enumerate(row):
            if value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST_S:
                raise RouterAway(f"a way cannot take {value!r} s")
            found[a, b] = value
    return found
