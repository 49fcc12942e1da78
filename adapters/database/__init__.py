"""The record: journal, read model and outbox in SQL, on SQLite or PostgreSQL."""
