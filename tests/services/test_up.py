"""`liuzhu up`: one terminal, nothing left behind, a clock that stands still while it is stopped."""

import json
import signal
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psutil
import pytest
from sqlalchemy import create_engine, select

from infra.addresses import Addresses, find_addresses, write_addresses
from infra.city_clock import freeze_city_clock, last_said_at, open_city_clock
from infra.doctor import examine
from infra.parts.children import PidFiles
from infra.parts.locks import SingleInstance
from infra.parts.ports import free_ports
from infra.processes import LINE, PLANNER, TOWN, Process
from infra.settings import Settings
from infra.supervisor import Supervisor
from infra.trouble import Trouble
from infra.up import LOCK, require_disk, run
from infra.wires import CONSUMERS, SPEAKERS, Wires, consumer_path, hand
from schemas.city_time import Segment, city_time
from schemas.tables import city_time as stored
from tests.conftest import TestTopics
from tests.parts import RunningProcess, note_use, process, short_folder, wait_until

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
MORNING = datetime(2026, 3, 1, 23, 0, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an `up` of this test alone, on its own folder and port."""
    return Settings(data_dir=tmp_path, port=free_ports(1)[0])


def test_a_second_up_is_told_where_the_first_runs(settings: Settings) -> None:
    """Two of them on one folder would destroy each other's data."""
    lock = SingleInstance(settings.data_dir / LOCK)
    assert lock.take()
    try:
        with pytest.raises(Trouble, match="ALREADY_UP"):
            run(settings, fresh=False, yes=False, with_town=False)
    finally:
        lock.release()


def test_a_taken_port_is_said_before_anything_is_started(settings: Settings) -> None:
    """Else a newcomer waits half a minute for a page that never opens."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", settings.port))
        other.listen()
        with pytest.raises(Trouble, match="PORT_IN_USE") as refused:
            run(settings, fresh=False, yes=False, with_town=False)
    assert "LIUZHU_PORT" in refused.value.zh
    assert not (settings.data_dir / "kafka").exists()


def test_a_full_disk_is_said_with_what_is_needed(tmp_path: Path) -> None:
    """PostgreSQL and Kafka stop without a word that a newcomer understands."""
    with pytest.raises(Trouble, match="DISK_FULL"):
        require_disk(tmp_path, free_bytes=lambda _: 12 << 20)
    require_disk(tmp_path, free_bytes=lambda _: 2 << 30)


def test_fresh_leaves_other_peoples_stores_alone(settings: Settings) -> None:
    """`--fresh` must never empty a city's database."""
    given = settings.model_copy(update={"database_url": "postgresql+psycopg2://city@db/liuzhu"})
    with pytest.raises(Trouble, match="FRESH_NEEDS_OWN_PARTS"):
        run(given, fresh=True, yes=True, with_town=False)


def _segments(database_url: str) -> tuple[Segment, ...]:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        rows = connection.execute(select(stored).order_by(stored.c.segment)).all()
    engine.dispose()
    return tuple(Segment(row.real_from, row.city_from, row.rate_permille) for row in rows)


def test_city_time_stands_still_while_up_is_stopped(fresh_database: str) -> None:
    """A night's pause must not make every visit of the demonstration late."""
    engine = create_engine(fresh_database)
    open_city_clock(engine, rate_permille=30_000, real=NOON, first=MORNING, last_said=None)
    freeze_city_clock(engine, real=NOON + timedelta(minutes=2))
    next_day = NOON + timedelta(days=1)
    open_city_clock(engine, rate_permille=30_000, real=next_day, first=MORNING, last_said=None)
    engine.dispose()
    told = _segments(fresh_database)
    assert city_time(told, NOON + timedelta(hours=9)) == MORNING + timedelta(hours=1)
    assert city_time(told, next_day + timedelta(minutes=1)) == MORNING + timedelta(hours=1, minutes=30)


def test_a_crash_does_not_move_city_time(fresh_database: str) -> None:
    """After a crash the clock goes on from the last time that passed, not from when it was noticed."""
    engine = create_engine(fresh_database)
    open_city_clock(engine, rate_permille=30_000, real=NOON, first=MORNING, last_said=None)
    last_said = NOON + timedelta(minutes=4)
    again = NOON + timedelta(hours=5)
    city = open_city_clock(engine, rate_permille=30_000, real=again, first=MORNING, last_said=last_said)
    engine.dispose()
    assert city == MORNING + timedelta(hours=2)
    assert city_time(_segments(fresh_database), again) == city


def test_the_last_time_that_passed_is_read_from_intake(topics: TestTopics) -> None:
    """The broker's own stamp of the newest message, also when several partitions have some."""
    from kafka import KafkaProducer

    assert last_said_at(topics.bootstrap_servers, prefix=topics.prefix) is None
    producer = KafkaProducer(bootstrap_servers=topics.bootstrap_servers)
    stamps = []
    for partition in range(topics.partitions):
        sent = producer.send(topics.prefix + "intake", value=b"x", partition=partition).get(timeout=10)
        stamps.append(sent.timestamp)
    producer.close()
    told = last_said_at(topics.bootstrap_servers, prefix=topics.prefix)
    assert told is not None
    assert round(told.timestamp() * 1000) == max(stamps)


def test_a_process_that_dies_is_started_again_and_shown(tmp_path: Path) -> None:
    """One crash must not end the town's day; a silent one must not either."""
    said: list[str] = []
    supervisor = Supervisor(
        env={}, log_dir=tmp_path / "log", pids=PidFiles(tmp_path / "pids"), say=said.append
    )
    supervisor.start(Process("broken", ("consume", "nobody"), "坏的", "broken"))
    try:

        def was_restarted() -> bool:
            supervisor.look()
            return len(said) >= 2

        wait_until(was_restarted, within_s=60, what="two ends of a process that always ends")
    finally:
        supervisor.stop()
    assert "0.5 s" in said[0]
    assert "1 s" in said[1]
    assert "CONSUMER_UNKNOWN" in (tmp_path / "log" / "broken.log").read_text()
    assert list((tmp_path / "pids").iterdir()) == []


def test_every_process_of_the_line_is_a_command() -> None:
    """A process that `up` starts can also be started by hand, on another machine."""
    from typer.main import get_command

    from infra.cli import app

    commands = get_command(app).commands  # type: ignore[attr-defined]
    assert {entry.arguments[0] for entry in (*LINE, PLANNER, TOWN)} <= set(commands)
    assert {entry.arguments[1] for entry in LINE if entry.arguments[0] == "consume"} == set(CONSUMERS)
    assert {entry.arguments[1] for entry in LINE if entry.arguments[0] == "speak"} == set(SPEAKERS)
    with pytest.raises(Trouble, match="CONSUMER_UNKNOWN"):
        consumer_path("nobody")


def test_a_module_is_handed_what_it_names_and_nothing_else(settings: Settings) -> None:
    """A wing never sees settings; a name that nobody hands out is a broken program, said at once."""
    given = settings.model_copy(
        update={"kafka_bootstrap_servers": "broker:9092", "database_url": "postgresql+psycopg2://u@h/d"}
    )

    def work(*, bootstrap_servers: str, partitions: int, file: str, extra: int = 3) -> None:
        raise AssertionError((bootstrap_servers, partitions, file, extra))

    def strange(*, moon: str) -> None:
        raise AssertionError(moon)

    assert hand(work, Wires(given), {"file": "day.json"}) == {
        "bootstrap_servers": "broker:9092",
        "partitions": 12,
        "file": "day.json",
    }
    with pytest.raises(TypeError, match="moon"):
        hand(strange, Wires(given), {})


def test_a_note_of_a_crashed_up_is_not_believed(settings: Settings) -> None:
    """`liuzhu verify` must say that nothing runs rather than wait for it."""
    write_addresses(settings.data_dir, Addresses("broker:9092", "postgresql+psycopg2://u@h/d"))
    assert find_addresses(settings).bootstrap_servers == "broker:9092"
    note = settings.data_dir / "running.json"
    note.write_text(json.dumps(json.loads(note.read_text()) | {"pid": 2**22 + 1}))
    with pytest.raises(Trouble, match="PARTS_AWAY"):
        find_addresses(settings)


def test_the_doctor_finds_a_sound_line_sound(
    settings: Settings, line_env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And names what is missing once it is not."""
    for name, value in line_env.items():
        monkeypatch.setenv(name, value)
    sound = Settings(data_dir=settings.data_dir, port=settings.port)
    assert [finding.line for finding in examine(sound) if not finding.is_well] == []
    other = sound.model_copy(update={"topic_prefix": "nobody-made-these."})
    wrong = [finding.line for finding in examine(other) if not finding.is_well]
    assert len(wrong) == 4
    assert all("liuzhu topics" in line for line in wrong)


def test_the_pages_start_without_kafka_and_without_postgresql(tmp_path: Path) -> None:
    """The seats must see who is known, and that the line is down, while both stores are away."""
    (port,) = free_ports(1)
    env = {
        "KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{free_ports(1)[0]}",
        "DATABASE_URL": f"postgresql+psycopg2://postgres@/none?host={tmp_path}",
        "LIUZHU_DATA_DIR": str(tmp_path),
        "LIUZHU_PORT": str(port),
    }

    def first_page() -> int:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/", headers={"accept": "text/html"}).status_code
        except httpx.TransportError:
            return 0

    with process("serve", env) as serve:
        wait_until(lambda: first_page() == 200, within_s=90, what=f"the first page:\n{serve.told()}")
        serve.child.send_signal(signal.SIGTERM)
        serve.child.wait(60)


@pytest.fixture
def running_up() -> Iterator[tuple[RunningProcess, Path]]:
    """A real `liuzhu up --no-town` with its own embedded parts, once its processes are started."""
    note_use("Kafka")
    note_use("PostgreSQL")
    with short_folder("up") as folder:
        env = {
            "KAFKA_BOOTSTRAP_SERVERS": "",
            "DATABASE_URL": "",
            "LIUZHU_DATA_DIR": str(folder),
            "LIUZHU_PORT": str(free_ports(1)[0]),
            "LIUZHU_PARTITIONS": "2",
        }
        with process("up --no-town", env) as up:
            wait_until(
                lambda: (folder / "running.json").exists() and (folder / "pids/serve.json").exists(),
                within_s=120,
                what=f"up has started its processes:\n{up.told()}",
            )
            yield up, folder


def _family(up: RunningProcess) -> list[psutil.Process]:
    return psutil.Process(up.child.pid).children(recursive=True)


def _alive(family: list[psutil.Process]) -> list[psutil.Process]:
    return [one for one in family if _runs(one)]


def _runs(one: psutil.Process) -> bool:
    try:
        return one.is_running() and one.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_stopping_up_stops_everything_and_freezes_the_clock(running_up: tuple[RunningProcess, Path]) -> None:
    """Ctrl-C (or SIGTERM) must not leave a Java or a database that the next start fights with."""
    up, folder = running_up
    family = _family(up)
    assert {"java", "postgres"} <= {one.name() for one in family}
    up.child.send_signal(signal.SIGINT)
    assert up.child.wait(60) == 0
    wait_until(lambda: not _alive(family), within_s=5, what="all processes of a stopped up have ended")
    assert not (folder / "running.json").exists()


def test_a_crash_of_up_leaves_no_process(running_up: tuple[RunningProcess, Path]) -> None:
    """`kill -9` of the terminal's process ends all it started."""
    up, _ = running_up
    family = _family(up)
    assert family
    up.kill()
    wait_until(lambda: not _alive(family), within_s=20, what="all processes of a killed up have ended")
