"""Every setting of every process, read from the environment in this one place."""

import os
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AliasChoices, Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from infra.trouble import Trouble
from schemas.codes import TravelMode
from schemas.places import Datum

REPOSITORY = Path(__file__).resolve().parent.parent
PREFIX = "LIUZHU_"


def _default_cache_dir() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "liuzhu"


class Settings(BaseSettings):
    """Settings of one process; frozen. An unknown or unreadable value stops the process before it starts."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", env_ignore_empty=True)

    kafka_bootstrap_servers: str | None = Field(
        default=None,
        validation_alias=AliasChoices("KAFKA_BOOTSTRAP_SERVERS", "kafka_bootstrap_servers"),
        description="Kafka to use instead of the embedded one, `host:port[,host:port]`",
    )
    database_url: str | None = Field(
        default=None,
        validation_alias=AliasChoices("DATABASE_URL", "database_url"),
        description="PostgreSQL (15 or later) to use instead of the embedded one, as an SQLAlchemy URL",
    )
    data_dir: Path = Field(default=Path(".liuzhu"), description="folder of data, logs and locks of `up`")
    cache_dir: Path = Field(
        default_factory=_default_cache_dir,
        description="folder of Kafka's jars, shared by all clones of one user",
    )
    host: str = Field(default="127.0.0.1", description="address of the pages; loopback only")
    port: Annotated[int, Field(ge=1, le=65535)] = Field(default=12349, description="port of the pages")
    partitions: Annotated[int, Field(ge=1, le=1000)] = Field(
        default=12, description="partitions of every topic; never changed on a live system"
    )
    topic_prefix: Annotated[str, Field(pattern=r"^[a-z0-9._-]{0,60}$")] = Field(
        default="", description="put before every topic's name, for several systems on one Kafka"
    )
    desk_id: Annotated[int, Field(ge=1, le=999)] = Field(
        default=1, description="number of this desk worker; two live ones never share a number"
    )
    planner_id: Annotated[int, Field(ge=1, le=999)] = Field(
        default=1, description="number of this planner worker; two live ones never share a number"
    )
    plan_limit_s: Annotated[float, Field(ge=0.5, le=600)] = Field(
        default=3.0, description="seconds a planner works at one plan of an area"
    )
    plan_ahead_limit_s: Annotated[float, Field(ge=0.5, le=3600)] = Field(
        default=20.0, description="seconds a planner works at tomorrow's plan of an area, before its offers"
    )
    plan_ahead_s: Annotated[int, Field(ge=0, le=21_600)] = Field(
        default=600, description="seconds of city time before tomorrow's offers by which that plan stands"
    )
    router: Literal["none", "osrm", "valhalla"] = Field(
        default="none", description="road router that planners may ask; none: great circle × road factor"
    )
    router_urls: str = Field(
        default="",
        validate_default=True,
        description="its addresses: `http://…` for all modes, or `CAR=http://…,FOOT=http://…`",
    )
    router_timeout_s: Annotated[float, Field(gt=0, le=60)] = Field(
        default=2.0, description="seconds one question to the router may take; then ways are estimated"
    )
    geocoder: str = Field(
        default="",
        description="service that finds imported addresses without a position, by geopy's name; "
        "addresses are sent to it",
    )
    geocoder_options: str = Field(
        default="", description="what geopy's class for it needs: `user_agent=…,domain=…` or `api_key=…`"
    )
    geocoder_datum: Datum = Field(
        default=Datum.WGS84, description="datum of its answers: WGS84, GCJ02 or BD09"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="least level that is logged"
    )
    town_rate: Annotated[float, Field(ge=1, le=600)] = Field(
        default=10.0, description="seconds of city time per second in the demo of `up`; 1 is real time"
    )
    town_seed: int = Field(default=12349, description="seed of the simulated town")
    data: Path | None = Field(
        default=None, description="folder of the public days that tests and `replay` may read"
    )

    @field_validator("host")
    @classmethod
    def _loopback_only(cls, host: str) -> str:
        if host == "localhost":
            return host
        try:
            is_loopback = ip_address(host).is_loopback
        except ValueError:
            is_loopback = False
        if not is_loopback:
            raise ValueError(
                "页面只在本机地址上提供（尚无账号），请用 127.0.0.1；"
                "pages are served on the loopback address only until accounts exist: use 127.0.0.1"
            )
        return host

    @field_validator("router_urls")
    @classmethod
    def _addresses(cls, told: str, info: ValidationInfo) -> str:
        urls = pairs_of(told)
        wrong = [url for url in urls.values() if not url.startswith(("http://", "https://"))]
        unknown = sorted(set(urls) - {"", *TravelMode})
        if wrong or unknown:
            raise ValueError(f"写成 MODE=http://…；write MODE=http://…: {', '.join(wrong + unknown)}")
        if info.data.get("router", "none") != "none" and not urls:
            raise ValueError("路径服务缺地址；the router has no address")
        return told

    @field_validator("data_dir", "cache_dir", "data")
    @classmethod
    def _absolute(cls, folder: Path | None) -> Path | None:
        if folder is None:
            return None
        folder = folder.expanduser()
        return folder if folder.is_absolute() else REPOSITORY / folder


@dataclass(frozen=True)
class SettingRow:
    """One line of the settings table: the variable, its default as text, what it does."""

    variable: str
    default: str
    meaning: str


def pairs_of(told: str) -> dict[str, str]:
    """`a=x,b=y` as a mapping; a part without a name has the name ""."""
    parts = (part if "=" in part else f"={part}" for part in told.split(",") if part.strip())
    return {name.strip(): value.strip() for name, _, value in (part.partition("=") for part in parts)}


def variable_of(field_name: str) -> str:
    """The environment variable that sets a field of `Settings`."""
    alias = Settings.model_fields[field_name].validation_alias
    if isinstance(alias, AliasChoices):
        return str(alias.choices[0])
    return PREFIX + field_name.upper()


def settings_table() -> tuple[SettingRow, ...]:
    """All settings in the order of the class, for the README and `doctor`."""
    rows = []
    for name, field in Settings.model_fields.items():
        if name == "cache_dir":
            default = "`~/.cache/liuzhu`"
        elif field.default is None or field.default == "":
            default = "–"
        else:
            default = f"`{field.default}`"
        rows.append(SettingRow(f"`{variable_of(name)}`", default, field.description or ""))
    return tuple(rows)


def settings_markdown() -> str:
    """The settings table as Markdown, ending in a newline."""
    lines = ["| Variable | Default | Meaning |", "|---|---|---|"]
    lines += [f"| {row.variable} | {row.default} | {row.meaning} |" for row in settings_table()]
    return "\n".join(lines) + "\n"


def read_settings() -> Settings:
    """Settings from the environment; raises Trouble SETTING_WRONG that names each wrong variable."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = []
        for item in error.errors():
            name = str(item["loc"][0]) if item["loc"] else "?"
            variable = variable_of(name) if name in Settings.model_fields else name
            wrong.append(f"{variable}={item.get('input')!r}: {item['msg'].removeprefix('Value error, ')}")
        told = "; ".join(wrong)
        raise Trouble(
            "SETTING_WRONG",
            f"环境变量设置有误，请改正后重试：{told}",
            f"a setting is wrong; correct the environment variable and start again: {told}",
        ) from None


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read once."""
    return read_settings()
