"""How far opportunities get through the pipeline.  Pure: no framework here."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

OPEN, WON, LOST = "open", "won", "lost"
TYPES = (OPEN, WON, LOST)


class Stage(NamedTuple):
    """A stage of the pipeline."""

    code: str
    type: str
    label_zh: str
    label_en: str


def shown(pipeline: Sequence[Stage], used: Iterable[str]) -> list[Stage]:
    """The stages of the pipeline in order, followed by the unknown ones that opportunities are
    in."""
    unknown = set(used) - {stage.code for stage in pipeline}
    return [*pipeline, *(Stage(code, OPEN, code, code) for code in sorted(unknown))]


def depths(pipeline: Sequence[Stage]) -> dict[str, int]:
    """How far along the pipeline each stage is.  Being won comes after all open stages; being lost
    is no progress."""
    way = [stage.code for kind in (OPEN, WON) for stage in pipeline if stage.type == kind]
    return {code: depth for depth, code in enumerate(way, 1)}


def reached(depth_of: Mapping[str, int], furthest: Mapping[int, int]) -> dict[str, int]:
    """How many opportunities got to each stage or beyond, from their counts by furthest depth."""
    return {
        stage: sum(count for at, count in furthest.items() if at >= depth)
        for stage, depth in depth_of.items()
    }


def conversions(depth_of: Mapping[str, int], counts: Mapping[str, int]) -> dict[str, float]:
    """Of those that reached a stage, the part that reached the next one; of each stage that has a
    next one and was reached."""
    way = sorted(depth_of, key=lambda stage: depth_of[stage])
    return {
        stage: round(counts[following] / counts[stage], 6)
        for stage, following in zip(way, way[1:], strict=False)
        if counts[stage]
    }
