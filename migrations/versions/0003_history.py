"""Schema 3: an index over all sightings of a server, past ones as well, for its history."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_sightings_server_id_id", "sightings", ["server_id", "id"])
