"""A small town whose meals come hot from two kitchens."""

from __future__ import annotations

from typing import Any

from schemas.codes import HelpKind
from schemas.facts import AreaOpened, TariffPublished
from schemas.shapes import AreaSettings, Kitchen, MealRule
from tests.rules.core.small_town import DAY, SETTINGS, TARIFF, Town, item, point, small_town

NEAR = Kitchen(place_id="k-near", place=point(4_000, 4_000), loading_s=300, cooked_before_s=1_800)
FAR = Kitchen(place_id="k-far", place=point(-40_000, -40_000), loading_s=300, cooked_before_s=1_800)
RULE = MealRule(fresh_s=3_600)
HOT_LUNCH = item("HOT_LUNCH", HelpKind.MEAL, 1_500, 5, meal=RULE)


def with_kitchens(town: Town, **changes: Any) -> None:
    """Open the town's area anew, with kitchens, and publish what they cook."""
    told = AreaSettings.model_validate({**SETTINGS.model_dump(), **changes})
    town.tell(AreaOpened(**town.base("REGISTER"), settings=told))
    items = (*TARIFF, HOT_LUNCH)
    base = town.base("REGISTER")
    town.tell(TariffPublished(**base, tariff_id="t1", valid_from=DAY.date(), items=items))


def kitchen_town(carers: int = 2, recipients: int = 4, seed: int = 1, **settings: Any) -> Town:
    """A town whose meals come from kitchens."""
    town = small_town(carers, recipients, seed=seed)
    with_kitchens(town, **{"kitchens": (NEAR, FAR), **settings})
    return town
