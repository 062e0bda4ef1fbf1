"""`liuzhu doctor`: looks at everything the line stands on and says what is wrong, one line each."""

import importlib.util
import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from dispatcher.core.records import Place
from infra.addresses import Addresses, find_addresses
from infra.parts.ports import is_free
from infra.settings import REPOSITORY, Settings, pairs_of
from infra.trouble import Trouble
from schemas.codes import TravelMode

LEAST_PYTHON, LAST_PYTHON = (3, 11), (3, 13)
LEAST_POSTGRES = 150000
LEAST_FREE_GB = 1
ONE_WAY = (Place(32_990_000, 112_530_000), Place(33_000_000, 112_540_000))
"""Asked of a road router to see whether it answers: it matters little whether it knows that way."""
OURS = ("dispatcher", "producers", "consumers", "schemas", "infra")
LEAST_VERSIONS = {"faust-streaming": (0, 15, 2), "kafka-python": (3, 0, 12), "sqlalchemy": (2, 1)}


@dataclass(frozen=True)
class Finding:
    """One line of the doctor: whether all is well, and what was seen, Chinese / English."""

    is_well: bool
    line: str


def run(settings: Settings) -> int:
    """Print every finding; returns 0 when all is well, else 1."""
    findings = examine(settings)
    for finding in findings:
        print(f"{'✓' if finding.is_well else '✗'} {finding.line}")
    return 0 if all(finding.is_well for finding in findings) else 1


def examine(settings: Settings) -> tuple[Finding, ...]:
    """All findings, from the ground up."""
    findings = [_python(), *_versions(), *_package_names(), _disk(settings), _port(settings)]
    findings += ask_router(settings)
    try:
        addresses = find_addresses(settings)
    except Trouble as trouble:
        return (*findings, _told(trouble))
    findings += _kafka(settings, addresses)
    findings += _database(addresses)
    return tuple(findings)


def _told(trouble: Trouble) -> Finding:
    return Finding(False, f"[{trouble.code}] {trouble.zh} / {trouble.en}".replace("\n", " "))


def _python() -> Finding:
    has = sys.version_info[:2]
    is_well = LEAST_PYTHON <= has <= LAST_PYTHON
    return Finding(is_well, f"Python {has[0]}.{has[1]}（需要 3.11–3.13 / needs 3.11–3.13）")


def _versions() -> list[Finding]:
    findings = []
    for name, least in LEAST_VERSIONS.items():
        try:
            has = version(name)
        except PackageNotFoundError:
            findings.append(Finding(False, f"缺少 {name}，请运行 make setup / missing: run make setup"))
            continue
        parts = tuple(int(part) for part in has.split(".")[: len(least)] if part.isdigit())
        wanted = ".".join(map(str, least))
        findings.append(Finding(parts >= least, f"{name} {has}（至少 {wanted} / at least {wanted}）"))
    return findings


def _package_names() -> list[Finding]:
    """Our top-level names are plain words: another package of that name would be imported in our place."""
    findings = []
    for name in OURS:
        found = importlib.util.find_spec(name)
        where = Path(found.origin).parent if found and found.origin else None
        if where != REPOSITORY / name:
            line = f"顶层包名 {name} 被 {where} 占用，请移除它 / the name is taken from there: remove it"
            findings.append(Finding(False, line))
    return findings or [Finding(True, f"顶层包名均属本项目 / top-level names are ours: {', '.join(OURS)}")]


def ask_router(settings: Settings) -> list[Finding]:
    """One way asked of the road router, by each mode it is set for; nothing when none is set."""
    from dispatcher.routers.table import AWAY, REFUSED, Estimate
    from infra.wires import Wires

    roads = Wires(settings).roads
    if roads is None:
        return []
    findings, modes = [], pairs_of(settings.router_urls)
    for mode in sorted((set(modes) - {""}) or {TravelMode.CAR}):
        table = roads.among(ONE_WAY, mode, Estimate(5_000), settings.router_timeout_s + 1.0)
        silent = bool(np.isin(table.marks, (AWAY, REFUSED)).any())
        line = (
            f"路径服务 {settings.router} {mode} 无应答，行程按直线估算 / does not answer: ways are estimated"
            if silent
            else f"路径服务 {settings.router} {mode} 应答正常 / answers"
        )
        findings.append(Finding(not silent, line))
    return findings


def _disk(settings: Settings) -> Finding:
    folder = settings.data_dir if settings.data_dir.exists() else REPOSITORY
    free_gb = shutil.disk_usage(folder).free / (1 << 30)
    return Finding(
        free_gb >= LEAST_FREE_GB,
        f"磁盘剩余 / disk free {free_gb:.1f} GB（至少 / at least {LEAST_FREE_GB} GB）",
    )


def _port(settings: Settings) -> Finding:
    if is_free(settings.port, settings.host):
        return Finding(True, f"端口 {settings.port} 空闲 / port {settings.port} is free")
    if (settings.data_dir / "running.json").exists():
        return Finding(
            True, f"端口 {settings.port} 由运行中的六助使用 / port {settings.port} is ours, running"
        )
    return Finding(
        False,
        f"端口 {settings.port} 被其他程序占用，请设置 LIUZHU_PORT / the port is taken: set LIUZHU_PORT",
    )


def _kafka(settings: Settings, addresses: Addresses) -> list[Finding]:
    from infra.parts.kafka import answers
    from infra.topics import check_topics

    servers = addresses.bootstrap_servers
    if not answers(servers, wait_s=5.0):
        return [Finding(False, f"Kafka {servers} 无应答，请确认已启动 / does not answer: see that it runs")]
    findings = [Finding(True, f"Kafka {servers} 应答正常 / answers")]
    wrong = check_topics(servers, prefix=settings.topic_prefix, partitions=settings.partitions)
    findings += [Finding(False, f"{line}（liuzhu topics）") for line in wrong]
    return findings if wrong else [*findings, Finding(True, "主题齐全 / topics are as they should be")]


def _database(addresses: Addresses) -> list[Finding]:
    from infra.migrate import current_revision, head_revision

    engine = create_engine(addresses.database_url, connect_args={"connect_timeout": 5})
    try:
        with engine.connect() as connection:
            number = int(connection.execute(text("SHOW server_version_num")).scalar_one())
        findings = [
            Finding(number >= LEAST_POSTGRES, f"PostgreSQL {number // 10000}（至少 15 / at least 15）")
        ]
        has, head = current_revision(engine), head_revision()
        hint = "" if has == head else "，请运行 liuzhu migrate / run liuzhu migrate"
        findings.append(Finding(has == head, f"数据库迁移 / migration {has or '–'} → {head}{hint}"))
    except SQLAlchemyError as error:
        reason = str(error.__cause__ or error).strip().splitlines()[0]
        return [Finding(False, f"数据库无应答，请确认已启动 / the database does not answer: {reason}")]
    finally:
        engine.dispose()
    return findings
