"""The catalogue's database: SQLAlchemy models, migrations, writing, reading and searching.

Two doors: `catalog.db.store.Store` for what crawling found, `catalog.db.ledger.Ledger` for what the gateway
counts, asks and writes down. Rows never leave this package. SQLite by default, PostgreSQL with the same
schema and the same tests.
"""
