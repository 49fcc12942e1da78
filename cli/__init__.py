"""The command line of Tirek, behind `starter.py`."""
