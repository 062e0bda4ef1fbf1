"""`liuzhu serve`: the pages wired to the line: its sink, a follower that answers, and the emergency door."""

import contextlib
import threading
from collections.abc import AsyncIterator

import uvicorn
from sqlalchemy import Engine

from dispatcher.core_rules import core_rules
from dispatcher.door import EmergencyDoor
from dispatcher.follower import Follower
from infra.outlook import DeskOutlook
from infra.web import create_app, refuse_other_hosts
from producers.sink import LineSink
from schemas.envelope import ALARMS

STOP_WITHIN_S = 2  # open pages hold live connections, which would keep us from stopping


def run(
    *,
    engine: Engine,
    bootstrap_servers: str,
    topic_prefix: str,
    partitions: int,
    host: str,
    port: int,
    log_level: str,
) -> int:
    """Serve the pages until SIGTERM or Ctrl-C; starts without Kafka, and without PostgreSQL."""
    refuse_other_hosts(host)
    rules = core_rules()
    door = EmergencyDoor(engine, rules, partitions=partitions)
    sink = LineSink(engine, bootstrap_servers=bootstrap_servers, topic_prefix=topic_prefix, door=door)
    follower = Follower(engine, rules)
    stop = threading.Event()

    @contextlib.asynccontextmanager
    async def line() -> AsyncIterator[None]:
        sink.start()
        for name, work in (
            ("follower", lambda: follower.keep_fresh(stop)),
            ("door-time", lambda: door.keep_time(stop, topic=topic_prefix + ALARMS)),
        ):
            threading.Thread(target=work, name=name, daemon=True).start()
        try:
            yield
        finally:
            stop.set()
            sink.close()

    app = create_app(
        engine=engine,
        sink=sink,
        outlook=DeskOutlook(follower),
        bootstrap_servers=bootstrap_servers,
        beside=(line,),
    )
    uvicorn.run(
        app,
        host=host,
        port=port,
        log_config=None,
        log_level=log_level.lower(),
        access_log=False,
        timeout_graceful_shutdown=STOP_WITHIN_S,
    )
    return 0
