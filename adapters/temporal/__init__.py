"""How programs reach Temporal: connection, encryption of everything it stores, set-up, a server to run."""
