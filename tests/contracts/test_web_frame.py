"""The frame around the pages: comes up without stores, keeps other hosts out, says what is wrong."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine

from infra.look.guard import MAX_REQUEST_BYTES, is_local
from infra.look.identity import own_path
from infra.web import create_app, refuse_other_hosts
from schemas.decisions import Decision
from schemas.facts import Fact
from schemas.ports import Said, SinkClosed
from tests.web import served

LOOK = Path(__file__).parents[2] / "infra" / "look" / "static"


class ClosedSink:
    """Both stores are away."""

    async def say(self, fact: Fact, *, of_case: bool = False, wait_s: float = 3.0) -> Said:
        """Take nothing."""
        raise SinkClosed


class BlankOutlook:
    """Knows no area."""

    async def preview(self, fact: Fact) -> tuple[Decision, ...]:
        """Decide nothing."""
        return ()


@pytest.fixture
def pages() -> Iterator[httpx.Client]:
    engine = create_engine("postgresql+psycopg2://nobody@/none?host=/tmp/no-such-folder")
    app = create_app(
        engine=engine, sink=ClosedSink(), outlook=BlankOutlook(), bootstrap_servers="127.0.0.1:9"
    )
    with served(app) as address, httpx.Client(base_url=address) as browser:
        yield browser
    engine.dispose()


def page(pages: httpx.Client, path: str, **more: Any) -> str:
    return str(pages.get(path, headers={"accept": "text/html"}, **more).text)


def test_the_pages_come_up_without_kafka_and_without_postgresql(pages: httpx.Client) -> None:
    told = pages.get("/", headers={"accept": "text/html"})
    assert told.status_code == 200
    assert "您是谁" in told.text
    assert pages.get("/now.json").json()["now"].endswith("+00:00")


def test_english_and_the_dark_ground_are_a_switch_away(pages: httpx.Client) -> None:
    assert "Who are you" in page(pages, "/?lang=en")
    assert "Who are you" in page(pages, "/"), "parts of a page are asked for without the language"
    assert "您是谁" in page(pages, "/?lang=zh")
    kept = pages.post("/switch", data={"name": "lang", "value": "en", "next_path": "/who"})
    assert (kept.status_code, kept.headers["location"]) == (303, "/who")
    assert "Who are you" in page(pages, "/")
    assert 'data-theme="dark"' in page(pages, "/?theme=dark")


def test_a_switch_leads_nowhere_else(pages: httpx.Client) -> None:
    away = "//elsewhere.example/"
    kept = pages.post("/switch", data={"name": "lang", "value": "en", "next_path": away})
    assert kept.headers["location"] == "/"
    assert [own_path(path) for path in ("/a", away, "/\\e", "http://e", "/a:b", "a")] == ["/a", *"/" * 5]


def test_a_name_that_is_not_this_machine_is_refused_with_a_code(pages: httpx.Client) -> None:
    """A page elsewhere could otherwise point its own name at this machine and read along."""
    told = pages.get("/", headers={"host": "elsewhere.example:12349"})
    assert (told.status_code, told.json()["code"]) == (421, "HOST_NOT_LOCAL")
    assert told.json()["zh"]
    assert told.json()["en"]


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://elsewhere.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_another_site_cannot_press_our_buttons(pages: httpx.Client, headers: dict[str, str]) -> None:
    told = pages.post("/switch", data={"name": "lang", "value": "en"}, headers=headers)
    assert (told.status_code, told.json()["code"]) == (403, "ORIGIN_FOREIGN")


def test_a_body_without_end_is_refused_before_it_is_read(pages: httpx.Client) -> None:
    told = pages.post("/switch", content=b"x" * (MAX_REQUEST_BYTES + 1))
    assert (told.status_code, told.json()["code"]) == (413, "REQUEST_TOO_LARGE")


def test_a_body_that_hides_its_length_is_refused_too(pages: httpx.Client) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    told = pages.post("/switch", content=(b"x" * 65_536 for _ in range(12)), headers=form)
    assert (told.status_code, told.json()["code"]) == (413, "REQUEST_TOO_LARGE")


def test_a_wrong_address_and_a_wrong_form_are_said_in_both_languages(pages: httpx.Client) -> None:
    nowhere = page(pages, "/nowhere")
    assert "没有这个页面" in nowhere
    assert "There is no such page" in nowhere
    told = pages.post("/switch", data={"name": "lang"})
    assert (told.status_code, told.json()["code"], told.json()["place"]) == (422, "FORM_WRONG", "value")


def test_who_is_remembered_for_each_role_apart(pages: httpx.Client) -> None:
    """One browser shows an operator in one tab and a caregiver in another."""
    told = pages.post("/who", data={"role": "OPERATOR", "who": "seat-2"})
    assert told.headers["location"] == "/console/"
    assert "who_OPERATOR=" in told.headers["set-cookie"]
    assert pages.post("/who", data={"role": "ROBBER", "who": "x"}).json()["code"] == "WHO_UNKNOWN"


def test_asked_to_listen_elsewhere_it_refuses() -> None:
    from infra.trouble import Trouble

    refuse_other_hosts("127.0.0.1")
    refuse_other_hosts("::1")
    with pytest.raises(Trouble, match="HOST_NOT_LOCAL"):
        refuse_other_hosts("0.0.0.0")
    assert [is_local(host) for host in ("localhost:1", "[::1]:2", "10.0.0.1", "", "127.0.0.1.e.example")] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_the_signs_are_those_of_the_tokens() -> None:
    """Two drawings of one help would be two helps to the eye."""
    tokens = dict(re.findall(r'--sign-(\w+): path\("([^"]+)"\)', (LOOK / "tokens.css").read_text()))
    signs = dict(re.findall(r'id="([\w-]+)"[^>]*><path d="([^"]+)"', (LOOK / "signs.svg").read_text()))
    assert len(tokens) == 6
    assert {name: signs.get(name) for name in tokens} == tokens
