"""Runs a command, and says on stderr how many kilobytes it held at the most.

A process of its own between: what a large one starts counts the large one's memory as its own first.
"""

import resource
import subprocess
import sys


def main(command: list[str]) -> int:
    code = subprocess.run(command, check=False).returncode  # noqa: S603 - our own command line
    sys.stderr.write(f"{resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss}\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
