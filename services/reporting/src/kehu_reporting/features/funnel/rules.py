"""The nine stages, and how conversion is computed.  Pure: no framework here."""

from collections.abc import Mapping

OPEN_STAGES = (
    "qualification",
    "needs_analysis",
    "value_proposition",
    "decision_makers",
    "proposal",
    "negotiation",
)
WON = "won"
LOST_STAGES = ("lost", "lost_to_competitor")
STAGES = (*OPEN_STAGES, WON, *LOST_STAGES)
# How far an opportunity got; being lost is no progress.
DEPTHS = {stage: depth for depth, stage in enumerate((*OPEN_STAGES, WON), 1)}


def type_of(stage: str) -> str:
    """``open``, ``won`` or ``lost``."""
    if stage == WON:
        return "won"
    return "lost" if stage in LOST_STAGES else "open"


def reached(furthest: Mapping[int, int]) -> dict[str, int]:
    """How many opportunities got to each stage or beyond, from how many got how far at most."""
    return {
        stage: sum(count for at, count in furthest.items() if at >= depth)
        for stage, depth in DEPTHS.items()
    }


def conversion(stage: str, counts: Mapping[str, int]) -> float | None:
    """Of those that reached a stage, the part that reached the next one; None at the ends."""
    depth = DEPTHS.get(stage)
    following = next((name for name, at in DEPTHS.items() if at == (depth or 0) + 1), None)
    if depth is None or following is None or not counts[stage]:
        return None
    return round(counts[following] / counts[stage], 6)
