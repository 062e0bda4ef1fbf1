"""Settings: read in one place, wrong ones refused before anything starts."""

from pathlib import Path

import pytest

from infra.settings import (
    REPOSITORY,
    Settings,
    pairs_of,
    read_settings,
    settings_markdown,
    settings_table,
)
from infra.trouble import Trouble
from infra.wires import Wires


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for row in settings_table():
        monkeypatch.delenv(row.variable.strip("`"), raising=False)


def test_nothing_set_means_embedded_parts_and_the_hotline_port() -> None:
    """A newcomer sets nothing."""
    told = read_settings()
    assert told.kafka_bootstrap_servers is None
    assert told.database_url is None
    assert told.port == 12349
    assert told.data_dir == REPOSITORY / ".liuzhu"


def test_given_parts_are_read_from_their_usual_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Operators name Kafka and PostgreSQL as they do everywhere."""
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "broker:9092")
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg2://city@db/liuzhu")
    told = read_settings()
    assert told.kafka_bootstrap_servers == "broker:9092"
    assert told.database_url == "postgresql+psycopg2://city@db/liuzhu"


@pytest.mark.parametrize("address", ["0.0.0.0", "192.168.1.5", "::", "example.org"])
def test_pages_are_never_served_to_the_network(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without accounts, whoever reaches the port could read every recipient's address."""
    monkeypatch.setenv("LIUZHU_HOST", address)
    with pytest.raises(Trouble, match="SETTING_WRONG") as refused:
        read_settings()
    assert "127.0.0.1" in refused.value.zh
    assert "127.0.0.1" in refused.value.en


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "localhost"])
def test_loopback_addresses_are_taken(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's own browser reaches the pages."""
    monkeypatch.setenv("LIUZHU_HOST", address)
    assert read_settings().host == address


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("LIUZHU_PORT", "0"),
        ("LIUZHU_PORT", "many"),
        ("LIUZHU_PARTITIONS", "-1"),
        ("LIUZHU_LOG_LEVEL", "loud"),
        ("LIUZHU_TOPIC_PREFIX", "Not Allowed"),
        ("LIUZHU_TOWN_RATE", "0"),
    ],
)
def test_a_wrong_setting_stops_the_start_and_is_named(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A typing mistake must not become a silent default."""
    monkeypatch.setenv(variable, value)
    with pytest.raises(Trouble) as refused:
        read_settings()
    assert refused.value.code == "SETTING_WRONG"
    assert variable in refused.value.zh
    assert variable in refused.value.en


def test_relative_folders_are_of_the_repository_not_of_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """`liuzhu verify` called from another folder finds the same data."""
    monkeypatch.setenv("LIUZHU_DATA_DIR", "elsewhere")
    assert read_settings().data_dir == REPOSITORY / "elsewhere"
    assert Settings(data_dir=Path("/srv/liuzhu")).data_dir == Path("/srv/liuzhu")


def test_every_setting_is_in_the_table_with_a_meaning() -> None:
    """The README's table is made from these rows."""
    rows = settings_table()
    assert len(rows) == len(Settings.model_fields)
    assert all(row.meaning for row in rows)
    assert settings_markdown().count("\n") == len(rows) + 2


def test_a_router_has_an_address_for_all_modes_or_one_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """A city runs one server for cars and another for those on foot."""
    monkeypatch.setenv("LIUZHU_ROUTER", "osrm")
    monkeypatch.setenv("LIUZHU_ROUTER_URLS", "http://roads:5000/x, FOOT=http://foot:5000")
    assert pairs_of(read_settings().router_urls) == {"": "http://roads:5000/x", "FOOT": "http://foot:5000"}


@pytest.mark.parametrize("urls", ["", "roads:5000", "WALK=http://roads", "CAR=ftp://roads"])
def test_a_router_without_an_address_that_can_be_asked_is_refused(
    urls: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else planners would estimate for months before somebody noticed."""
    monkeypatch.setenv("LIUZHU_ROUTER", "valhalla")
    monkeypatch.setenv("LIUZHU_ROUTER_URLS", urls)
    with pytest.raises(Trouble, match="LIUZHU_ROUTER_URLS"):
        read_settings()


def test_a_service_that_finds_addresses_is_made_from_settings_or_its_mistake_is_named() -> None:
    """An import that stops at its first line should say which variable to mend."""
    assert Wires(Settings()).geocoder is None
    assert Wires(Settings(geocoder="nominatim", geocoder_options="user_agent=city")).geocoder is not None
    with pytest.raises(Trouble, match="LIUZHU_GEOCODER"):
        _ = Wires(Settings(geocoder="atlantis")).geocoder


def test_no_router_is_asked_unless_one_is_set() -> None:
    """A newcomer's machine speaks to nobody."""
    assert Wires(Settings()).roads is None
    assert Wires(Settings(router="osrm", router_urls="http://roads:5000")).roads is not None
