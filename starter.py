"""The command line of Tirek: `.venv/bin/python starter.py --help`."""

import sys

from adapters.process import leave
from cli.main import main

if __name__ == "__main__":
    leave(main(sys.argv[1:]))
