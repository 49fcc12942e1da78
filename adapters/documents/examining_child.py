"""The process that examines one file: `python -m adapters.documents.examining_child`.

Limits as a line of JSON on stdin, then the content; a JSON document on stdout. What a hostile file can use up is
this process's alone: its memory and time are limited before the content is read, and it can write no file.
"""

import json
import resource
import sys

from adapters.documents.examining import examine
from adapters.documents.findings import Finding, FoundError, Limits

MEMORY = 1 << 30
CPU_SECONDS = 20
MOST_ANSWER = 4096
"""Bytes that it may write into a file: its answer."""


def main() -> None:
    limits = Limits(**json.loads(sys.stdin.buffer.readline(MOST_ANSWER)))
    _limit_itself()
    json.dump(_examined(limits), sys.stdout)


def _examined(limits: Limits) -> dict[str, object]:
    try:
        return {"media_type": examine(sys.stdin.buffer.read(), limits)}
    except FoundError as found:
        return {"finding": found.finding, "what": found.what}
    except MemoryError:
        return {"finding": Finding.TOO_COMPLEX, "what": ()}


def _limit_itself() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_ANSWER, MOST_ANSWER))
    if sys.platform == "linux":  # elsewhere it cannot be set, or means nothing
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


if __name__ == "__main__":
    main()
