"""Run by alembic: upgrades the connection that `catalog.db.schema` hands over, in its transaction."""

from alembic import context

from catalog.db.models import Base
from catalog.db.schema import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
