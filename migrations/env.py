"""Alembic's entry: migrations run on the connection, and in the transaction, that the portal hands over."""

from alembic import context

from portal.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    transactional_ddl=True,
    transaction_per_migration=False,
)
context.run_migrations()
