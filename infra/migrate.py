"""The database's shape brought to what `schemas.tables` says, by the migrations of `infra/migrations`."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import OperationalError

from infra.trouble import Trouble
from schemas.tables import metadata

MIGRATIONS = Path(__file__).with_name("migrations")


def _config(engine: Engine | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["engine"] = engine
    return config


def upgrade(database_url: str) -> tuple[str | None, str]:
    """Bring the database to the newest migration; returns the revisions before and after."""
    engine = create_engine(database_url)
    try:
        before = current_revision(engine)
        command.upgrade(_config(engine), "head")
        return before, head_revision()
    except OperationalError as error:
        raise Trouble(
            "DATABASE_AWAY",
            f"连不上数据库 {engine.url!r}。请确认它已启动、地址正确。",
            f"the database {engine.url!r} does not answer: see that it runs and that the address is right. "
            f"({error.orig})",
        ) from error
    finally:
        engine.dispose()


def current_revision(engine: Engine) -> str | None:
    """The migration the database stands at, None for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head_revision() -> str:
    """The newest migration in the tree."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def differences(engine: Engine) -> list[Any]:
    """What the database still lacks or has beyond `schemas.tables`; empty when they are equal."""
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        return list(compare_metadata(context, metadata))


def write_migration(engine: Engine, message: str) -> None:
    """Write a new migration file from the differences, to be read and corrected by a person."""
    number = len(list(ScriptDirectory.from_config(_config()).walk_revisions())) + 1
    command.revision(_config(engine), message=message, autogenerate=True, rev_id=f"{number:04d}")
