"""Travel from one place to many at once, at a pace, as the problem's own travel says it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dispatcher.planning.problem import PlanCaregiver
from dispatcher.planning.travel import MatrixTravel, PointTravel, Travel

Whole = npt.NDArray[np.int64]


def ways_s(travel: Travel, place: int, places: Whole, pace_permille: int = 1000) -> Whole:
    """Seconds from `place` to each of `places`. Straight lines and matrices are known, nothing else."""
    if isinstance(travel, PointTravel):
        off = travel.points_m[places] - travel.points_m[place]
        way_s = np.ceil(np.sqrt((off * off).sum(axis=1)) * travel.s_per_m).astype(np.int64)
    elif isinstance(travel, MatrixTravel):
        way_s = travel.matrix_s[place, places].astype(np.int64)
    else:
        raise TypeError(f"no ways of {type(travel).__name__} are known here")
    paced: Whole = (way_s * pace_permille + 999) // 1000
    return paced


def home_s(travel: Travel, carer: PlanCaregiver, places: Whole) -> Whole:
    """Seconds from each of `places` to where the caregiver's day ends; none where it ends anywhere.

    In a matrix the way there may differ from the way back.
    """
    if carer.end_place is None:
        return np.zeros(len(places), dtype=np.int64)
    if isinstance(travel, MatrixTravel):
        paced: Whole = (
            travel.matrix_s[places, carer.end_place] * np.int64(carer.pace_permille) + 999
        ) // 1000
        return paced
    return ways_s(travel, carer.end_place, places, carer.pace_permille)
