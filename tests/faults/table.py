"""The table of deaths: scene by point by who died, one for each database."""

from collections.abc import Iterable, Iterator, Sequence

from adapters.faults import Point
from tests.faults.lane import POINTS, POINTS_OF_A_NOTICE, Cell

played: dict[str, list[Cell]] = {}
"""By the database of the record, whatever has been played in this run."""

_OK = "ok"


def lines() -> Iterator[str]:
    """The tables as Markdown; a cell that nothing stands in was not played."""
    for database, cells in played.items():
        for points in (POINTS, POINTS_OF_A_NOTICE):
            yield from _table(database, [cell for cell in cells if cell.point in points], points)


def _table(database: str, cells: Sequence[Cell], points: Sequence[Point]) -> Iterator[str]:
    scenes = list(dict.fromkeys(cell.scene.name for cell in cells))
    columns = [(point, with_server) for point in points for with_server in (False, True)]
    yield f"deaths, record on {database}: {len(cells)}, of which {sum(map(_went_well, cells))} lost nothing"
    yield _row("killed", (f"{point}, {'worker and server' if both else 'worker'}" for point, both in columns))
    yield _row("---", ("---" for _ in columns))
    verdicts = {(cell.scene.name, cell.point, cell.with_server): _verdict(cell) for cell in cells}
    for scene in scenes:
        yield _row(scene, (verdicts.get((scene, *column), "") for column in columns))


def _row(first: str, rest: Iterable[str]) -> str:
    return f"| {' | '.join((first, *rest))} |"


def _went_well(cell: Cell) -> bool:
    return cell.was_reached and not cell.problems


def _verdict(cell: Cell) -> str:
    if not cell.was_reached:
        return "NOT REACHED"
    return "FAILED" if cell.problems else _OK
