"""What a choice was weighed by, as reasons that can be read: who is known, who is moved, the ways out."""

from collections.abc import Iterator

from schemas.base import Reason
from schemas.decisions import Candidate, Relaxation, StopMoved
from schemas.reasons_weighed import WEIGHED


def bare(code: str) -> Reason:
    """A code as a reason without figures."""
    return Reason(code=f"BARE_{code}" if f"BARE_{code}" in WEIGHED else code)


def known_there(candidate: Candidate) -> Iterator[Reason]:
    """How often each caregiver came of late."""
    continuity = candidate.continuity
    if continuity is None:
        return
    for caregiver_id, times in dict(zip(candidate.caregiver_ids, continuity.times, strict=True)).items():
        numbers = {"times": times, "visits": continuity.visits, "caregivers": continuity.caregivers}
        code = "CAME_OF_LATE" if times else "NOT_OF_LATE"
        yield Reason(code=code, numbers=numbers, refs={"caregiver_id": caregiver_id})


def moved_for_it(candidate: Candidate) -> Iterator[Reason]:
    """Whose visit starts later for it, each by how much."""
    if candidate.moved is None:
        return
    if not candidate.moved:
        yield Reason(code="MOVES_NOBODY")
    for other in candidate.moved:
        yield _moved(other)


def _moved(other: StopMoved) -> Reason:
    refs = {"visit_id": other.visit_id}
    if other.left_s is None:
        return Reason(code="MOVES_UNTOLD", numbers={"later_s": other.later_s}, refs=refs)
    return Reason(code="MOVES_VISIT", numbers={"later_s": other.later_s, "left_s": other.left_s}, refs=refs)


def moved_in_all(candidate: Candidate) -> Reason | None:
    """How many are moved and by how much at most; None where nobody is."""
    if not candidate.moved:
        return None
    most_s = max(other.later_s for other in candidate.moved)
    return Reason(code="MOVES_OTHERS", numbers={"count": len(candidate.moved), "later_s": most_s})


def way_out(relaxation: Relaxation) -> Reason:
    """What would be given up."""
    return Reason(code=f"WAY_{relaxation.kind}", numbers={"shift_s": relaxation.shift_s})
