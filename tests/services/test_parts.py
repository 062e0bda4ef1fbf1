"""The parts that everything stands on: broker, database, topics, migrations, children."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from sqlalchemy import create_engine, text

from infra.migrate import current_revision, differences, head_revision, upgrade
from infra.parts.children import PidFiles, RunAs, start_child
from infra.parts.kafka import answers
from infra.parts.kafka_jars import locked_jars, sha256_of
from infra.parts.postgres import Server, is_passable
from infra.topics import check_topics, create_topics, require_topics, topic_ids
from infra.trouble import Trouble
from tests.conftest import TestTopics
from tests.parts import own_broker, own_server, short_folder, wait_until


def test_migrations_build_exactly_the_tables_that_the_code_names(empty_database: str) -> None:
    """Else an upgraded city and a new one differ, and a query works in one of them only."""
    before, after = upgrade(empty_database)
    assert before is None
    assert after == head_revision()
    engine = create_engine(empty_database)
    try:
        assert differences(engine) == []
        assert current_revision(engine) == head_revision()
    finally:
        engine.dispose()


def test_migrating_twice_changes_nothing(fresh_database: str) -> None:
    """`up` migrates at every start."""
    assert upgrade(fresh_database) == (head_revision(), head_revision())


def test_every_test_has_a_database_of_its_own(fresh_database: str, database_url: str) -> None:
    """Else tests pass or fail by the order they run in."""
    assert fresh_database != database_url


def test_all_topics_have_one_partition_count_and_append_time(topics: TestTopics) -> None:
    """An area's partition is its number on every topic, and `now` is the broker's time of appending."""
    assert check_topics(topics.bootstrap_servers, prefix=topics.prefix, partitions=topics.partitions) == ()
    wrong = check_topics(topics.bootstrap_servers, prefix=topics.prefix, partitions=5)
    assert len(wrong) == 4


def test_topics_are_made_once_and_keep_their_ids(topics: TestTopics) -> None:
    """A second start must not make topics anew: their facts would pass for repeats."""
    before = topic_ids(topics.bootstrap_servers, prefix=topics.prefix)
    assert create_topics(topics.bootstrap_servers, prefix=topics.prefix, partitions=4) == ()
    assert topic_ids(topics.bootstrap_servers, prefix=topics.prefix) == before
    assert set(before) == {"intake", "alarms", "dispatch", "dead-letters"}


def test_a_missing_topic_is_said_before_anything_waits_on_it(kafka: str) -> None:
    """Faust idles for ever on a topic that is not there."""
    with pytest.raises(Trouble, match="TOPICS_MISSING"):
        require_topics(kafka, prefix="nobody-made-these.")


def test_a_killed_broker_comes_back_with_its_topics() -> None:
    """A crash of Kafka must not lose what was acknowledged."""
    with own_broker() as broker:
        create_topics(broker.bootstrap_servers, partitions=2)
        before = topic_ids(broker.bootstrap_servers)
        broker.kill()
        assert not answers(broker.bootstrap_servers, wait_s=0.3)
        broker.start()
        assert topic_ids(broker.bootstrap_servers) == before


def test_a_killed_database_comes_back_with_its_rows() -> None:
    """A crash of PostgreSQL must not lose what was committed."""
    with own_server() as server:
        engine = create_engine(server.url(), pool_pre_ping=True)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE kept (n int)"))
            connection.execute(text("INSERT INTO kept VALUES (6)"))
        server.kill()
        server.start()
        with engine.connect() as connection:
            assert connection.execute(text("SELECT n FROM kept")).scalar_one() == 6
        engine.dispose()


def test_a_deep_clone_reaches_its_database() -> None:
    """A socket's path holds 107 bytes; a clone in a deep folder must work all the same."""
    with short_folder("deep") as folder:
        server = Server(folder / ("deep" * 30) / "postgres", durable=False)
        try:
            server.start()
            engine = create_engine(server.url())
            with engine.connect() as connection:
                assert connection.execute(text("SELECT 6")).scalar_one() == 6
            engine.dispose()
        finally:
            server.stop()
            shutil.rmtree(server.sockets, ignore_errors=True)


def test_a_folder_closed_to_the_servers_user_is_found_out() -> None:
    """PostgreSQL, which refuses root, would fail with a word about permissions that helps nobody."""
    stranger = RunAs(uid=4_000_000, gid=4_000_000)
    with short_folder("open") as folder:
        assert is_passable(folder / "not-made-yet", stranger)
        closed = folder / "closed"
        closed.mkdir(mode=0o700)
        (closed / "below").mkdir()
        assert not is_passable(closed / "below", stranger)
        assert is_passable(closed / "below", None)


def test_every_jar_on_the_class_path_is_the_one_that_was_committed() -> None:
    """A jar that was swapped on the way to this machine must not run."""
    with own_broker() as broker:
        jars = list(broker.jars.iterdir())
    assert {jar.name: sha256_of(jar) for jar in jars} == locked_jars()


def _child_of_a_dying_parent(folder: Path) -> int:
    """Start a parent that starts a child that sleeps, kill the parent, and return the child's pid."""
    code = (
        "import sys, time\n"
        "from infra.parts.children import start_child\n"
        "child = start_child([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=folder)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    return pid


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel ends children on Linux only")
def test_a_killed_parent_leaves_no_child(pytestconfig: pytest.Config) -> None:
    """A crash of `up` must not leave processes that a second `up` would fight with."""
    pid = _child_of_a_dying_parent(pytestconfig.rootpath)
    wait_until(lambda: not _runs(pid), within_s=10, what="the child has ended")


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_leftovers_of_a_crash_are_ended_by_the_next_start(tmp_path: Path) -> None:
    """Where the kernel does not end them, the pid files do."""
    child = start_child([sys.executable, "-c", "import time; time.sleep(600)"])
    PidFiles(tmp_path).write("desk", child.pid)
    assert PidFiles(tmp_path).end_leftovers() == ("desk",)
    assert not _runs(child.pid)
    child.wait(10)


def test_a_pid_that_was_given_to_another_program_is_left_alone(tmp_path: Path) -> None:
    """Else `up` could end a stranger's program after a restart of the machine."""
    (tmp_path / "desk.json").write_text(f'{{"pid": {os.getpid()}, "started": 1.0}}')
    assert PidFiles(tmp_path).end_leftovers() == ()
