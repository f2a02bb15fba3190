"""The catalogue's database: SQLAlchemy models, migrations, writing, reading and searching.

`catalog.db.store.Store` is the door; rows never leave this package. SQLite by default, PostgreSQL
with the same schema and the same tests.
"""
