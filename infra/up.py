"""`liuzhu up`: the whole line in one terminal, from an empty folder to the first page."""

import contextlib
import errno
import shutil
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import typer
from rich.console import Console
from sqlalchemy import Engine, create_engine

from infra.addresses import Addresses, forget_addresses, write_addresses
from infra.city_clock import first_city_moment, freeze_city_clock, last_said_at, open_city_clock
from infra.migrate import upgrade
from infra.parts.browser_assets import install_browser_assets
from infra.parts.children import PidFiles
from infra.parts.embedded import EmbeddedParts, wipe
from infra.parts.locks import SingleInstance
from infra.parts.ports import is_free
from infra.processes import FIRST, PAGES, PLANNER, THEN, TOWN, TRY, another_desk, another_planner
from infra.settings import Settings
from infra.supervisor import Supervisor
from infra.topics import create_topics
from infra.trouble import Trouble

LEAST_FREE_BYTES = 1 << 30
LOCK = "up.lock"
LOOK_EVERY_S = 0.2
DISK_EVERY_S = 15.0
REST_AFTER_S = 15.0  # without a page yet, the rest of the line starts all the same


def run(
    settings: Settings, *, fresh: bool, yes: bool, with_town: bool, desks: int = 1, planners: int = 1
) -> int:
    """Start everything, keep it running until Ctrl-C or SIGTERM, stop everything; returns the exit code."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    lock = SingleInstance(settings.data_dir / LOCK)
    if not lock.take():
        holder = lock.holder()
        lock.release()
        raise _already_up(settings.data_dir, holder)
    try:
        if fresh:
            _begin_anew(settings, yes=yes)
        PidFiles(settings.data_dir / "pids").end_leftovers()
        require_disk(settings.data_dir)
        _require_port(settings)
        with _stop_signals() as told:
            _House(settings, told, with_town=with_town, desks=desks, planners=planners).live()
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise _disk_full(settings.data_dir, 0) from error
        raise
    finally:
        lock.release()
    return 0


class _House:
    """One run of `up`."""

    def __init__(
        self,
        settings: Settings,
        told_to_stop: threading.Event,
        *,
        with_town: bool,
        desks: int = 1,
        planners: int = 1,
    ) -> None:
        self._more_desks = [another_desk(number) for number in range(2, desks + 1)]
        self._planners = [PLANNER, *(another_planner(number) for number in range(2, planners + 1))]
        self._settings = settings
        self._told_to_stop = told_to_stop
        self._with_town = with_town
        self._console = Console(highlight=False)
        self._pids = PidFiles(settings.data_dir / "pids")
        self._parts = EmbeddedParts(settings, self._pids)
        self._supervisor: Supervisor | None = None
        self._engine: Engine | None = None
        self._has_all = False
        self._rest_due_s = 0.0

    def live(self) -> None:
        """Start, watch until told to stop, stop."""
        try:
            with contextlib.suppress(KeyboardInterrupt):
                self._start()
                self._watch()
            self._console.print("\n正在停止 … / stopping …")
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            self._stop()
        self._console.print(f"已全部停止，数据保留 / all stopped, data kept: {self._settings.data_dir}")

    def _start(self) -> None:
        with self._console.status("") as status:

            def step(zh: str, en: str) -> None:
                status.update(f"{zh} / {en} …")
                if not self._console.is_terminal:
                    self._console.print(f"{zh} / {en}")

            step("准备网页程序库", "preparing the pages' libraries")
            install_browser_assets(say=lambda _: None)
            addresses = self._parts.start(step)
            step("升级数据库", "migrating the database")
            upgrade(addresses.database_url)
            step("等待 Kafka", "waiting for Kafka")
            self._parts.wait_for_kafka()
            step("建立主题", "making topics")
            create_topics(
                addresses.bootstrap_servers,
                prefix=self._settings.topic_prefix,
                partitions=self._settings.partitions,
            )
            self._open_clock(addresses)
            write_addresses(self._settings.data_dir, addresses)
            step("启动各进程", "starting the processes")
            self._supervisor = self._supervisor_of(addresses)
            for process in (*FIRST, *self._more_desks):
                self._supervisor.start(process)
            self._rest_due_s = time.monotonic() + REST_AFTER_S

    def _open_clock(self, addresses: Addresses) -> None:
        self._engine = create_engine(addresses.database_url, pool_size=1, pool_pre_ping=True)
        real = datetime.now(UTC)
        rate = self._settings.town_rate if self._with_town else 1.0
        open_city_clock(
            self._engine,
            rate_permille=round(rate * 1000),
            real=real,
            first=first_city_moment(real) if self._with_town else real,
            last_said=last_said_at(addresses.bootstrap_servers, prefix=self._settings.topic_prefix),
        )

    def _supervisor_of(self, addresses: Addresses) -> Supervisor:
        return Supervisor(
            env={
                "KAFKA_BOOTSTRAP_SERVERS": addresses.bootstrap_servers,
                "DATABASE_URL": addresses.database_url,
                "PYTHONUNBUFFERED": "1",
            },
            log_dir=self._settings.data_dir / "log",
            pids=self._pids,
            say=lambda line: self._console.print(f"[yellow]![/] {line}", soft_wrap=True),
        )

    def _start_rest(self) -> None:
        assert self._supervisor is not None
        for process in (*self._planners, *THEN):
            self._supervisor.start(process)
        if self._with_town:
            self._supervisor.start(TOWN)

    def _watch(self) -> None:
        assert self._supervisor is not None
        announced = False
        disk_due_s = time.monotonic() + DISK_EVERY_S
        while not self._told_to_stop.is_set():
            self._supervisor.look()
            for name in self._parts.revive():
                self._console.print(f"[yellow]![/] {name} 已退出，正在重启 / ended, starting it again")
            if not announced and _is_open(self._settings.host, self._settings.port):
                announced = True
                self._announce()
            if not self._has_all and (announced or time.monotonic() >= self._rest_due_s):
                self._has_all = True
                self._start_rest()
            if time.monotonic() >= disk_due_s:
                disk_due_s = time.monotonic() + DISK_EVERY_S
                require_disk(self._settings.data_dir)
            time.sleep(LOOK_EVERY_S)

    def _announce(self) -> None:
        base = f"http://{self._settings.host}:{self._settings.port}"
        lines = [f"\n六助已启动 / liuzhu is up: {base}/", ""]
        lines += [f"  {base}{page.path:<12} {page.zh} / {page.en}" for page in PAGES]
        lines += ["", "试一试 / try:", *(f"  · {zh}\n    {en}" for zh, en in TRY)]
        lines += [
            "",
            f"日志 / logs: {self._settings.data_dir / 'log'}",
            "按 Ctrl-C 停止 / Ctrl-C stops all",
            "",
        ]
        self._console.print("\n".join(lines), soft_wrap=True)

    def _stop(self) -> None:
        if self._supervisor is not None:
            self._supervisor.stop()
        if self._engine is not None:
            with contextlib.suppress(Exception):  # a database that is away: the next start closes the clock
                freeze_city_clock(self._engine, real=datetime.now(UTC))
            self._engine.dispose()
        self._parts.stop()
        forget_addresses(self._settings.data_dir)


@contextlib.contextmanager
def _stop_signals() -> Iterator[threading.Event]:
    """Let SIGTERM and a closed terminal stop us as Ctrl-C does, also where the shell had us ignore it.

    The event is set as well: an exception that is raised inside a destructor or a library's own handler
    goes no further, and we would run on.
    """
    told = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        told.set()
        raise KeyboardInterrupt

    wanted = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, stop) for number in wanted}
    try:
        yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _is_open(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=0.2).close()
    except OSError:
        return False
    return True


def _begin_anew(settings: Settings, *, yes: bool) -> None:
    asked = f"将清空 {settings.data_dir} 中的全部数据，继续吗？ / Remove all data there and begin anew?"
    if settings.database_url or settings.kafka_bootstrap_servers:
        raise Trouble(
            "FRESH_NEEDS_OWN_PARTS",
            "--fresh 只清空自带的 Kafka 与 PostgreSQL；已设置 KAFKA_BOOTSTRAP_SERVERS 或 DATABASE_URL 时，"
            "请自行清理。",
            "--fresh empties our own Kafka and PostgreSQL only; with KAFKA_BOOTSTRAP_SERVERS or DATABASE_URL "
            "set, empty those yourself.",
        )
    if yes or typer.confirm(asked):
        PidFiles(settings.data_dir / "pids").end_leftovers()
        wipe(settings.data_dir, keep=frozenset({LOCK, "browser.lock"}))
        return
    raise Trouble("FRESH_DECLINED", "未做任何改动。", "nothing was changed.")


def require_disk(folder: Path, free_bytes: Callable[[Path], int] | None = None) -> None:
    """Raise Trouble DISK_FULL when the disk of `folder` has less than 1 GiB left."""
    free = free_bytes(folder) if free_bytes else shutil.disk_usage(folder).free
    if free < LEAST_FREE_BYTES:
        raise _disk_full(folder, free)


def _disk_full(folder: Path, free: int) -> Trouble:
    return Trouble(
        "DISK_FULL",
        f"{folder} 所在磁盘只剩 {free >> 20} MB，至少需要 {LEAST_FREE_BYTES >> 20} MB。请清理后重试。",
        f"the disk of {folder} has {free >> 20} MB left, {LEAST_FREE_BYTES >> 20} MB are needed. "
        "Make room and start again; nothing was lost.",
    )


def _require_port(settings: Settings) -> None:
    if is_free(settings.port, settings.host):
        return
    raise Trouble(
        "PORT_IN_USE",
        f"端口 {settings.port} 已被其他程序占用。请关闭该程序，或换一个端口：LIUZHU_PORT=12350 make run。",
        f"port {settings.port} is in use by another program. Close it, or take another port: "
        "LIUZHU_PORT=12350 make run.",
    )


def _already_up(data_dir: Path, holder: str) -> Trouble:
    return Trouble(
        "ALREADY_UP",
        f"六助已在运行（进程 {holder}，数据 {data_dir}）。请使用它的页面，或先在那个终端按 Ctrl-C。",
        f"liuzhu is already running (process {holder}, data in {data_dir}). Use its pages, "
        "or press Ctrl-C in its terminal first.",
    )
