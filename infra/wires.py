"""The one place where settings become plain arguments of the modules that do the work.

Each module of a wing has `run(...)` with keyword arguments only; it is handed the things below that it names.
"""

import inspect
import logging
import time
from collections.abc import Callable, Mapping
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, create_engine

from infra.addresses import Addresses, find_addresses
from infra.settings import Settings, pairs_of
from infra.trouble import Trouble

if TYPE_CHECKING:
    from dispatcher.routers.roads import Roads
    from producers.geocoding import Geocoder

CONSUMERS = {
    "records": "consumers.records.consumer:run",
    "ledger": "consumers.ledger.consumer:run",
    "notices": "consumers.notices.consumer:run",
    "wallboard": "consumers.wallboard.consumer:run",
}
SPEAKERS = {"plans": "producers.care_plans.plans:run", "rosters": "producers.rosters.rosters:run"}
POOL_SIZE = 4
CONNECT_WITHIN_S = 5
LIBRARIES = ("kafka", "aiokafka", "faust", "mode", "alembic", "asyncio", "geopy", "httpx", "numba", "uvicorn")
LOG_LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class Wires:
    """What can be handed to a `run`: every public property here, by its name."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def _addresses(self) -> Addresses:
        return find_addresses(self._settings)

    @cached_property
    def bootstrap_servers(self) -> str:
        """Kafka, `host:port[,host:port]`."""
        return self._addresses.bootstrap_servers

    @cached_property
    def database_url(self) -> str:
        """PostgreSQL, as an SQLAlchemy URL."""
        return self._addresses.database_url

    @cached_property
    def engine(self) -> Engine:
        """A pooled engine; it connects when first used, so PostgreSQL may be away."""
        return create_engine(
            self.database_url,
            pool_size=POOL_SIZE,
            pool_pre_ping=True,
            connect_args={"connect_timeout": CONNECT_WITHIN_S},
        )

    @property
    def topic_prefix(self) -> str:
        """Put before every topic's name."""
        return self._settings.topic_prefix

    @property
    def partitions(self) -> int:
        """Partitions of every topic."""
        return self._settings.partitions

    @property
    def desk_id(self) -> int:
        """Number of this desk worker."""
        return self._settings.desk_id

    @property
    def planner_id(self) -> int:
        """Number of this planner worker."""
        return self._settings.planner_id

    @property
    def limit_s(self) -> float:
        """Seconds a planner works at one plan."""
        return self._settings.plan_limit_s

    @property
    def ahead_limit_s(self) -> float:
        """Seconds a planner works at tomorrow's plan, before its offers go out."""
        return self._settings.plan_ahead_limit_s

    @property
    def ahead_s(self) -> int:
        """Seconds of city time by which that plan comes before the offers."""
        return self._settings.plan_ahead_s

    @cached_property
    def roads(self) -> "Roads | None":
        """The road router that planners may ask, if one is set; what it told is kept with it."""
        from dispatcher.routers.osrm import Osrm
        from dispatcher.routers.roads import Roads, Router
        from dispatcher.routers.valhalla import Valhalla

        if self._settings.router == "none":
            return None
        urls = pairs_of(self._settings.router_urls)
        router: Router = Osrm(urls) if self._settings.router == "osrm" else Valhalla(urls)
        return Roads(router, clock=time.monotonic, timeout_s=self._settings.router_timeout_s)

    @property
    def geocoder(self) -> "Geocoder | None":
        """What finds addresses, if a service is set. Raises Trouble GEOCODER_WRONG when geopy refuses it."""
        if not self._settings.geocoder:
            return None
        from geopy.exc import GeopyError

        from producers.geocoding import geocoder_of

        try:
            options = pairs_of(self._settings.geocoder_options)
            return geocoder_of(self._settings.geocoder, options, self._settings.geocoder_datum)
        except (GeopyError, TypeError) as error:
            raise Trouble(
                "GEOCODER_WRONG",
                f"地址查询服务设置有误，请检查以 LIUZHU_GEOCODER 开头的环境变量：{error}",
                f"the geocoder's settings are wrong; see the variables LIUZHU_GEOCODER…: {error}",
            ) from None

    @property
    def data_dir(self) -> Path:
        """Folder of files that a process may keep; it exists."""
        self._settings.data_dir.mkdir(parents=True, exist_ok=True)
        return self._settings.data_dir

    @property
    def host(self) -> str:
        """Loopback address of the pages."""
        return self._settings.host

    @property
    def port(self) -> int:
        """Port of the pages."""
        return self._settings.port

    @property
    def base_url(self) -> str:
        """Address of the pages, without a slash at the end."""
        return f"http://{self._settings.host}:{self._settings.port}"

    @property
    def seed(self) -> int:
        """Seed of the simulated town."""
        return self._settings.town_seed

    @property
    def log_level(self) -> str:
        """Least level that is logged."""
        return self._settings.log_level

    @property
    def settings(self) -> Settings:
        """All settings, for modules of `infra` only."""
        return self._settings


def set_up_logging(level: str) -> None:
    """One line per record on standard error; the libraries speak only of what went wrong."""
    logging.basicConfig(level=level, format=LOG_LINE, force=True)
    logging.getLogger("kafka.net.selector").setLevel(logging.ERROR)
    for noisy in LIBRARIES:
        logging.getLogger(noisy).setLevel(logging.WARNING)


def hand(run: Callable[..., Any], wires: Wires, given: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that `run` names, from `given` first and `wires` otherwise.

    A name that neither knows is left to its default; without one, `run` is wired wrongly: TypeError.
    """
    arguments = {}
    for name, parameter in inspect.signature(run).parameters.items():
        if name in given:
            arguments[name] = given[name]
        elif not name.startswith("_") and isinstance(getattr(Wires, name, None), property | cached_property):
            arguments[name] = getattr(wires, name)
        elif parameter.default is inspect.Parameter.empty:
            raise TypeError(f"{run.__module__}.run asks for {name!r}, which nobody hands out")
    return arguments


def run_module(path: str, settings: Settings, **given: Any) -> int:
    """Import `path` ("package.module:function"), run it wired, and return its exit code (None is 0)."""
    module, _, function = path.partition(":")
    set_up_logging(settings.log_level)
    run = getattr(import_module(module), function)
    told = run(**hand(run, Wires(settings), given))
    return told if isinstance(told, int) else 0


def consumer_path(name: str) -> str:
    """Where the consumer `name` is; raises Trouble CONSUMER_UNKNOWN."""
    return _one_of(CONSUMERS, name, "CONSUMER_UNKNOWN")


def speaker_path(name: str) -> str:
    """Where the producer that speaks ahead of the day is; raises Trouble SPEAKER_UNKNOWN."""
    return _one_of(SPEAKERS, name, "SPEAKER_UNKNOWN")


def _one_of(known: Mapping[str, str], name: str, code: str) -> str:
    if name in known:
        return known[name]
    raise Trouble(
        code,
        f"没有名为 {name} 的进程，可用：{'、'.join(known)}。",
        f"there is none called {name}; there are {', '.join(known)}.",
    )
