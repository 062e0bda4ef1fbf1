"""How Alembic runs our migrations: always on the engine that `infra.migrate` hands in, in one transaction."""

from alembic import context

from schemas.tables import metadata

engine = context.config.attributes["engine"]

with engine.connect() as connection:
    context.configure(
        connection=connection, target_metadata=metadata, compare_type=True, compare_server_default=True
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
