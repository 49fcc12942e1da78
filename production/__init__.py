"""The parts of production on one machine: their secrets, PostgreSQL, the Temporal server, and what is ours."""
