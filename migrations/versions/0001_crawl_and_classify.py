"""Schema 1: servers, packages, crawls, outcomes, definitions, sightings, classifications, full-text search.

Whatever later recreates `definitions` on SQLite (batch mode copies the table) must create the two
triggers again: they belong to the table and vanish with it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")  # by code point, as SQLite orders

FULL_TEXT_SQLITE = (
    """
    CREATE VIRTUAL TABLE tool_search USING fts5(
        name_words, title_words, description_words,
        content = 'definitions', content_rowid = 'id', tokenize = 'unicode61'
    )
    """,
    """
    CREATE TRIGGER tool_search_insert AFTER INSERT ON definitions BEGIN
        INSERT INTO tool_search (rowid, name_words, title_words, description_words)
        VALUES (new.id, new.name_words, new.title_words, new.description_words);
    END
    """,
    """
    CREATE TRIGGER tool_search_delete AFTER DELETE ON definitions BEGIN
        INSERT INTO tool_search (tool_search, rowid, name_words, title_words, description_words)
        VALUES ('delete', old.id, old.name_words, old.title_words, old.description_words);
    END
    """,
)
FULL_TEXT_POSTGRESQL = """
    CREATE INDEX tool_search ON definitions USING gin ((
        setweight(to_tsvector('simple', name_words), 'A')
        || setweight(to_tsvector('simple', title_words), 'B')
        || setweight(to_tsvector('simple', description_words), 'D')
    ))
"""


def upgrade() -> None:
    _servers()
    _packages()
    _crawls()
    _outcomes()
    _definitions()
    _sightings()
    _classifications()
    _full_text()


def _servers() -> None:
    op.create_table(
        "servers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("title", TEXT, nullable=True),
        sa.Column("repository", TEXT, nullable=True),
        sa.Column("source", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_servers"),
        sa.UniqueConstraint("name", name="uq_servers_name"),
    )


def _packages() -> None:
    op.create_table(
        "packages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("server_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("version", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["server_id"], ["servers.id"], name="fk_packages_server_id_servers"),
        sa.PrimaryKeyConstraint("id", name="pk_packages"),
        sa.UniqueConstraint(
            "server_id", "kind", "name", "version", name="uq_packages_server_id_kind_name_version"
        ),
    )


def _crawls() -> None:
    op.create_table(
        "crawls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("targets_digest", sa.String(64), nullable=False),
        sa.Column("targets_count", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_crawls"),
    )


def _outcomes() -> None:
    op.create_table(
        "outcomes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("crawl_id", sa.Integer(), nullable=False),
        sa.Column("server_id", sa.Integer(), nullable=False),
        sa.Column("package_id", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(64), nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("next_step", TEXT, nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("unread", sa.Text(), nullable=False),
        sa.Column("tools", sa.Integer(), nullable=True),
        sa.Column("protocol_version", TEXT, nullable=True),
        sa.Column("provenance", sa.String(64), nullable=True),
        sa.Column("isolation", sa.String(64), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["crawl_id"], ["crawls.id"], name="fk_outcomes_crawl_id_crawls"),
        sa.ForeignKeyConstraint(["package_id"], ["packages.id"], name="fk_outcomes_package_id_packages"),
        sa.ForeignKeyConstraint(["server_id"], ["servers.id"], name="fk_outcomes_server_id_servers"),
        sa.PrimaryKeyConstraint("id", name="pk_outcomes"),
        sa.UniqueConstraint("crawl_id", "server_id", name="uq_outcomes_crawl_id_server_id"),
    )
    op.create_index("ix_outcomes_server_id_id", "outcomes", ["server_id", "id"])


def _definitions() -> None:
    op.create_table(
        "definitions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("name_words", TEXT, nullable=False),
        sa.Column("title_words", TEXT, nullable=False),
        sa.Column("description_words", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_definitions"),
        sa.UniqueConstraint("fingerprint", name="uq_definitions_fingerprint"),
    )
    op.create_index("ix_definitions_name", "definitions", ["name"])


def _sightings() -> None:
    op.create_table(
        "sightings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("server_id", sa.Integer(), nullable=False),
        sa.Column("definition_id", sa.Integer(), nullable=False),
        sa.Column("first_crawl_id", sa.Integer(), nullable=False),
        sa.Column("last_crawl_id", sa.Integer(), nullable=True),
        sa.Column("provenance", sa.String(64), nullable=False),
        sa.Column("location", TEXT, nullable=True),
        sa.Column("description_unread", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["definitions.id"], name="fk_sightings_definition_id_definitions"
        ),
        sa.ForeignKeyConstraint(["first_crawl_id"], ["crawls.id"], name="fk_sightings_first_crawl_id_crawls"),
        sa.ForeignKeyConstraint(["last_crawl_id"], ["crawls.id"], name="fk_sightings_last_crawl_id_crawls"),
        sa.ForeignKeyConstraint(["server_id"], ["servers.id"], name="fk_sightings_server_id_servers"),
        sa.PrimaryKeyConstraint("id", name="pk_sightings"),
    )
    op.create_index("ix_sightings_definition_id", "sightings", ["definition_id"])
    op.create_index(
        "uq_sightings_open",
        "sightings",
        ["server_id", "definition_id"],
        unique=True,
        sqlite_where=sa.text("last_crawl_id IS NULL"),
        postgresql_where=sa.text("last_crawl_id IS NULL"),
    )


def _classifications() -> None:
    op.create_table(
        "classifications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("definition_id", sa.Integer(), nullable=False),
        sa.Column("version", TEXT, nullable=False),
        sa.Column("category", sa.String(64), nullable=False),
        sa.Column("risk", sa.String(64), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("needs_review", sa.Boolean(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["definitions.id"], name="fk_classifications_definition_id_definitions"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_classifications"),
        sa.UniqueConstraint("definition_id", "version", name="uq_classifications_definition_id_version"),
    )
    op.create_index("ix_classifications_category", "classifications", ["category"])
    op.create_index("ix_classifications_risk", "classifications", ["risk"])


def _full_text() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(FULL_TEXT_POSTGRESQL)
        return
    for statement in FULL_TEXT_SQLITE:
        op.execute(statement)
