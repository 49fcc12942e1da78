"""Applications with synthetic people that live through their real terms on a real server."""
