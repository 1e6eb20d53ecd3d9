"""Running a detector to its end."""

from collections.abc import Generator

from bartizan.core.entry import DetectorResult


def last(steps: Generator[float, None, DetectorResult]) -> DetectorResult:
    """What a detector found, when nobody watches it on its way."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: DetectorResult = end.value
            return result
