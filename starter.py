"""The command line of Tirek: `.venv/bin/python starter.py --help`."""

import sys

from adapters.process import run_program
from cli.main import main

if __name__ == "__main__":
    run_program(lambda: main(sys.argv[1:]))
