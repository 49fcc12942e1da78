"""A stand-in for the national certification authority: it proves nothing, and its name says so."""
