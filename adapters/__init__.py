"""The ports of `models/ports.py` made real, and everything that needs a file, a socket or a library."""
