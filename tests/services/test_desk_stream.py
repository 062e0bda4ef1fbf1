"""A desk worker as a real process on real Kafka: nothing acknowledged is lost, whatever ends it."""

from pathlib import Path

import pytest

from infra.topics import create_topics, kafka_admin
from schemas.envelope import INTAKE, TOPICS
from tests.conftest import TestTopics
from tests.parts import wait_until
from tests.services.counting import alarm, request
from tests.services.line import count_rows, counting_desk, engine_on, fact_ids, row_stands, voice

AREAS = ("a1", "a2", "a3", "a4", "a5", "a6")


@pytest.fixture
def env(line_env: dict[str, str]) -> dict[str, str]:
    """The test's own topics and database."""
    return line_env


def test_a_failure_of_the_shell_keeps_the_fact_and_it_is_decided_after_the_restart(
    env: dict[str, str], tmp_path: Path
) -> None:
    """A wish that was taken must not vanish with the process that held it, nor those behind it."""
    mark = tmp_path / "out-of-memory"
    facts = [request(area) for area in AREAS]
    with engine_on(env["DATABASE_URL"]) as engine, voice(env) as said:
        with counting_desk({**env, "COUNTING_FAIL": str(mark)}, tmp_path) as desk:
            said.say(facts)
            wait_until(lambda: count_rows(engine) == 6, within_s=30, what=f"six rows\n{desk.told()}")
            mark.touch()
            said.say([request(area) for area in AREAS])
            wait_until(lambda: not desk.is_alive(), within_s=20, what="the desk ended itself")
            assert desk.child.returncode == 70
        assert count_rows(engine) == 6
        mark.unlink()
        with counting_desk(env, tmp_path) as desk:
            wait_until(lambda: count_rows(engine) == 12, within_s=30, what=f"all rows\n{desk.told()}")
        assert sorted(fact_ids(engine)) == sorted(said.acknowledged)


def test_a_clean_stop_in_the_middle_loses_nothing(env: dict[str, str], tmp_path: Path) -> None:
    """Every upgrade stops the desks; what was in hand is decided by the next one."""
    with engine_on(env["DATABASE_URL"]) as engine, voice(env) as said:
        with counting_desk(env, tmp_path) as desk:
            said.say([request("a1")])
            wait_until(lambda: count_rows(engine) == 1, within_s=30, what=f"a row\n{desk.told()}")
            said.say([request(AREAS[n % 6]) for n in range(600)])
            desk.child.terminate()
            assert desk.child.wait(15) == 0
        with counting_desk(env, tmp_path) as desk:
            wait_until(lambda: count_rows(engine) == 601, within_s=30, what=f"all rows\n{desk.told()}")
        assert sorted(fact_ids(engine)) == sorted(said.acknowledged)


def test_an_alarm_behind_forty_thousand_ordinary_facts_overtakes_them(
    env: dict[str, str], tmp_path: Path
) -> None:
    """Somebody on the floor does not wait until the morning's registers are through."""
    backlog = 40_000
    with engine_on(env["DATABASE_URL"]) as engine, voice(env) as said:
        said.say_copies(request("a1"), backlog)
        help_call = alarm("a1")
        with counting_desk(env, tmp_path) as desk:
            wait_until(
                lambda: count_rows(engine) > 200, within_s=40, what=f"the backlog is read\n{desk.told()}"
            )
            said.say([help_call])
            wait_until(
                lambda: row_stands(engine, help_call.fact_id), within_s=40, what="the alarm is decided"
            )
        before = fact_ids(engine).index(help_call.fact_id)
        assert before < backlog / 2, f"{before} ordinary facts were decided before the alarm"


def test_two_desk_workers_share_the_areas_and_one_takes_over(env: dict[str, str], tmp_path: Path) -> None:
    """More desks carry more areas; when one dies the other goes on, and each fact counts once."""
    with engine_on(env["DATABASE_URL"]) as engine, voice(env) as said:
        with counting_desk(env, tmp_path, desk_id=1) as one, counting_desk(env, tmp_path, desk_id=2) as two:
            for _ in range(10):
                said.say([request(area) for area in AREAS])
            wait_until(
                lambda: count_rows(engine) == 60, within_s=40, what=f"rows\n{one.told()}\n{two.told()}"
            )
            two.kill()
            said.say([request(area) for area in AREAS])
            wait_until(lambda: count_rows(engine) == 66, within_s=40, what=f"the rest\n{one.told()}")
        assert sorted(fact_ids(engine)) == sorted(said.acknowledged)


def test_a_desk_that_was_stopped_and_goes_on_is_fenced(env: dict[str, str], tmp_path: Path) -> None:
    """A machine that stood still for a minute must not decide what another has decided meanwhile."""
    with engine_on(env["DATABASE_URL"]) as engine, voice(env) as said:
        with counting_desk(env, tmp_path, desk_id=1) as one:
            said.say([request(area) for area in AREAS])
            wait_until(lambda: count_rows(engine) == 6, within_s=30, what=f"rows\n{one.told()}")
            one.pause()
            said.say([request(AREAS[n % 6]) for n in range(60)])
            with counting_desk(env, tmp_path, desk_id=2) as two:
                wait_until(
                    lambda: count_rows(engine) == 66, within_s=40, what=f"the other desk\n{two.told()}"
                )
                one.go_on()
                said.say([request(AREAS[n % 6]) for n in range(60)])
                wait_until(
                    lambda: count_rows(engine) == 126, within_s=40, what=f"all\n{one.told()}{two.told()}"
                )
        ids = fact_ids(engine)
        assert sorted(ids) == sorted(said.acknowledged)


def test_two_live_processes_never_share_one_number(env: dict[str, str], tmp_path: Path) -> None:
    """They would throw each other out of the group every second, for ever."""
    with (
        engine_on(env["DATABASE_URL"]) as engine,
        voice(env) as said,
        counting_desk(env, tmp_path) as first,
        counting_desk(env, tmp_path) as second,
    ):
        said.say([request("a1")])
        wait_until(lambda: count_rows(engine) == 1, within_s=30, what="a row")
        both = [first, second]
        wait_until(
            lambda: any("THEIRS" in desk.told() for desk in both), within_s=15, what="one of them waits"
        )
        assert all(desk.is_alive() for desk in both)
        waiting = next(desk for desk in both if "THEIRS" in desk.told())
        working = next(desk for desk in both if desk is not waiting)
        working.kill()
        said.say([request("a1")])
        wait_until(lambda: count_rows(engine) == 2, within_s=40, what=f"it takes over\n{waiting.told()}")


def test_topics_made_anew_beside_a_kept_database_are_read_from_their_beginning(
    env: dict[str, str], topics: TestTopics, tmp_path: Path
) -> None:
    """A broker that was set up again must not make the desk take new wishes for old ones."""
    with engine_on(env["DATABASE_URL"]) as engine:
        with voice(env) as said, counting_desk(env, tmp_path) as desk:
            said.say([request(area) for area in AREAS])
            wait_until(lambda: count_rows(engine) == 6, within_s=30, what=f"rows\n{desk.told()}")
            with kafka_admin(topics.bootstrap_servers) as admin:
                admin.delete_topics([topics.prefix + name for name in TOPICS])
            wait_until(lambda: _gone(topics), within_s=20, what="the topics are gone")
            create_topics(topics.bootstrap_servers, prefix=topics.prefix, partitions=topics.partitions)
            wait_until(lambda: not desk.is_alive(), within_s=20, what=f"the desk noticed\n{desk.told()}")
            assert desk.child.returncode == 75
        with voice(env) as said, counting_desk(env, tmp_path) as desk:
            said.say([request(area) for area in AREAS])
            wait_until(lambda: count_rows(engine) == 12, within_s=30, what=f"new rows\n{desk.told()}")


def _gone(topics: TestTopics) -> bool:
    with kafka_admin(topics.bootstrap_servers) as admin:
        return topics.prefix + INTAKE not in set(admin.list_topics())
