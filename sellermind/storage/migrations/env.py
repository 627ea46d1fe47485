"""Alembic's entry: run the revisions on the connection that sellermind/storage/schema.py hands over."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
