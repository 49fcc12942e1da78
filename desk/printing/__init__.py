"""Printing from the record, and checking what was printed."""
