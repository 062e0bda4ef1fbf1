"""Fixtures of all tiers: real Kafka and PostgreSQL, an own database and own topics for each test."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.parts import TESTS_ON, RealParts

REAL_FIXTURES = {"kafka": "Kafka", "postgres_server": "PostgreSQL"}
_parts = pytest.StashKey[RealParts]()


def pytest_configure(config: pytest.Config) -> None:
    """Warnings are errors, but for what libraries say of themselves while they are imported."""
    for quiet in (
        "ignore:read_text is deprecated:DeprecationWarning:kafka.*",
        "ignore:open_text is deprecated:DeprecationWarning:importlib.resources.*",
        # The Kafka library leaves sockets of refused connections to the collector; ours are bound.
        r"ignore:unclosed <socket.socket fd=\d+, family=2, .*laddr=\('0.0.0.0':ResourceWarning",
    ):
        config.addinivalue_line("filterwarnings", quiet)
    config.stash[_parts] = RealParts()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever takes a real part is a test of the services."""
    for item in items:
        if isinstance(item, pytest.Function) and set(item.fixturenames) & set(REAL_FIXTURES):
            item.add_marker(pytest.mark.services)


def pytest_runtest_call(item: pytest.Item) -> None:
    """Note the tests that run on real parts."""
    if isinstance(item, pytest.Function):
        for fixture in set(item.fixturenames) & set(REAL_FIXTURES):
            TESTS_ON[REAL_FIXTURES[fixture]].add(item.nodeid)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say how many tests ran on real parts, and on which."""
    used = config.stash[_parts].used
    for part, tests in TESTS_ON.items():
        where = used.get(part, "embedded" if tests else "not started")
        terminalreporter.write_line(f"real {part}: {len(tests)} tests, {where}")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what was started, however the run ended."""
    if _parts in config.stash:
        config.stash[_parts].close()


@pytest.fixture(scope="session")
def real_parts(pytestconfig: pytest.Config) -> RealParts:
    """The real parts of this run."""
    return pytestconfig.stash[_parts]


@pytest.fixture(scope="session")
def kafka(real_parts: RealParts) -> str:
    """Bootstrap servers of a real Kafka, shared by the run: keep to your own `topics`."""
    return real_parts.kafka()


@pytest.fixture(scope="session")
def postgres_server(real_parts: RealParts) -> str:
    """URL of a real PostgreSQL server, where a test may make databases."""
    return real_parts.postgres()


@pytest.fixture(scope="session")
def _migrated_template(postgres_server: str) -> Iterator[str]:
    from infra.migrate import upgrade
    from infra.parts.postgres import drop_database, make_database, random_name

    name = random_name("template")
    upgrade(make_database(postgres_server, name))
    yield name
    drop_database(postgres_server, name)


@pytest.fixture(scope="session")
def database_url(postgres_server: str, _migrated_template: str) -> Iterator[str]:
    """URL of a migrated database shared by the run, for tests that leave nothing behind."""
    from infra.parts.postgres import drop_database, make_database, random_name

    name = random_name("shared")
    yield make_database(postgres_server, name, template=_migrated_template)
    drop_database(postgres_server, name)


@pytest.fixture
def fresh_database(postgres_server: str, _migrated_template: str) -> Iterator[str]:
    """URL of a migrated, empty database of this test alone."""
    from infra.parts.postgres import drop_database, make_database, random_name

    name = random_name("test")
    yield make_database(postgres_server, name, template=_migrated_template)
    drop_database(postgres_server, name)


@pytest.fixture
def empty_database(postgres_server: str) -> Iterator[str]:
    """URL of a database of this test alone in which nothing was made yet."""
    from infra.parts.postgres import drop_database, make_database, random_name

    name = random_name("empty")
    yield make_database(postgres_server, name)
    drop_database(postgres_server, name)


@dataclass(frozen=True)
class TestTopics:
    """The four topics of one test."""

    __test__ = False

    bootstrap_servers: str
    prefix: str
    partitions: int


@pytest.fixture
def topics(kafka: str) -> TestTopics:
    """The line's topics under a prefix of this test alone, with 4 partitions each."""
    from infra.topics import create_topics

    prefix = f"t{secrets.token_hex(5)}."
    create_topics(kafka, prefix=prefix, partitions=4)
    return TestTopics(kafka, prefix, 4)


@pytest.fixture
def line_env(topics: TestTopics, fresh_database: str) -> dict[str, str]:
    """Environment of processes that speak on this test's topics and write its database."""
    return {
        "KAFKA_BOOTSTRAP_SERVERS": topics.bootstrap_servers,
        "DATABASE_URL": fresh_database,
        "LIUZHU_TOPIC_PREFIX": topics.prefix,
        "LIUZHU_PARTITIONS": str(topics.partitions),
    }
