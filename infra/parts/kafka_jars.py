"""Apache Kafka's jars: fetched once per user, each refused unless its SHA-256 is the committed one."""

import hashlib
import os
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path

from infra.parts.locks import waiting_lock
from infra.trouble import Trouble

KAFKA_VERSION = "4.4.0"
# The slf4j binding must be of the 1.7 line, the one Kafka speaks.
ENDPOINT = f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}+org.slf4j:slf4j-simple:1.7.36"
JARS_LOCK = Path(__file__).with_name("jars.lock")

Say = Callable[[str], None]


def locked_jars() -> dict[str, str]:
    """SHA-256 in hex by the jar's file name, as committed in `jars.lock`."""
    rows = [line.split() for line in JARS_LOCK.read_text().splitlines() if line and not line.startswith("#")]
    return {name: digest for digest, name in rows}


def sha256_of(file: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def install_jars(cache_dir: Path, say: Say = print) -> Path:
    """The folder of Kafka's verified jars under `cache_dir`, filled over the network the first time.

    Raises Trouble KAFKA_JARS_AWAY when they cannot be had, KAFKA_JAR_DIFFERS when one is not what it was.
    """
    folder = cache_dir / f"kafka-{KAFKA_VERSION}"
    jars = folder / "jars"
    with waiting_lock(cache_dir / "kafka.lock"):
        if not _all_present(jars):
            say("正在获取 Kafka 程序包（约 43 MB，仅首次） / fetching Kafka's jars (43 MB, first time only)")
            fetched = _fetch(cache_dir)
            _check(fetched)
            _take_over(fetched, jars)
    return jars


def _all_present(jars: Path) -> bool:
    locked = locked_jars()
    return jars.is_dir() and {jar.name for jar in jars.iterdir()} == set(locked)


def _fetch(cache_dir: Path) -> list[Path]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import jgo
    try:
        return [Path(jar) for jar in jgo.build(ENDPOINT, cache_dir=cache_dir / "jgo").all_jars]
    except Exception as error:
        raise Trouble(
            "KAFKA_JARS_AWAY",
            f"无法获取 Kafka 程序包（{error}）。请检查网络或代理后重试；"
            "或设置 KAFKA_BOOTSTRAP_SERVERS 使用已有的 Kafka。",
            f"Kafka's jars could not be fetched ({error}). Check the network or proxy and start again, "
            "or set KAFKA_BOOTSTRAP_SERVERS to use a Kafka you have.",
        ) from error


def _check(fetched: list[Path]) -> None:
    locked = locked_jars()
    differing = sorted(jar.name for jar in fetched if locked.get(jar.name) != sha256_of(jar))
    missing = sorted(set(locked) - {jar.name for jar in fetched})
    if differing or missing:
        raise Trouble(
            "KAFKA_JAR_DIFFERS",
            f"程序包与登记的校验值不符：{differing}；缺少：{missing}。请勿继续使用；"
            "清空 ~/.m2/repository 与缓存目录中的 jgo 后重试。",
            f"jars differ from the committed hashes: {differing}; missing: {missing}. Do not use them: "
            "empty ~/.m2/repository and the jgo folder of the cache, then start again.",
        )


def _take_over(fetched: list[Path], jars: Path) -> None:
    made = jars.with_name("jars.new")
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    for jar in fetched:
        shutil.copy2(jar, made / jar.name)
    shutil.rmtree(jars, ignore_errors=True)
    made.rename(jars)


def classpath(jars: Path) -> str:
    """The class path over `jars`, in an order that stays the same, as the start-up cache asks."""
    return os.pathsep.join(str(jar) for jar in sorted(jars.glob("*.jar")))
