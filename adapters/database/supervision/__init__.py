"""Supervisors' questions as SQL: one module for each kind of question, on SQLite and PostgreSQL alike."""
