"""The invented city: four areas with their streets, kitchens, stations and eight providers."""

from dataclasses import dataclass

from producers.entries import AreaEntry, PlaceEntry, ProviderEntry
from producers.simulator.chance import dice
from producers.simulator.geometry import Outline, blob, cells, middle_of, spot_inside, to_point
from producers.simulator.names import younger_name
from schemas.base import Point
from schemas.codes import Acceptance, Gender, TravelMode
from schemas.shapes import AreaSettings, Kitchen

# A town lives at many times real speed, and people (at pages, in the demonstration) do not: what waits for
# somebody is given so much longer.
DELIVER_BY_S = 1_200
FUSE_S = 1_800
CASE_CALL_BACK_S = 900
CASE_DELIVER_BY_S = 300
CASE_FUSE_S = 600

PORTIONS = {TravelMode.E_SCOOTER: 16, TravelMode.BICYCLE: 8, TravelMode.CAR: 40}
"""How many meals a box holds."""


@dataclass(frozen=True)
class AreaPlan:
    """What is fixed of an area before chance shapes it: its people's share and the names of its streets."""

    area: str
    zh: str
    en: str
    seat_km: tuple[float, float]
    recipients_permille: int
    streets: tuple[tuple[str, str], ...]


AREAS = (
    AreaPlan(
        "a1",
        "苍浦区",
        "Cangpu",
        (-3.4, 3.0),
        333,
        (
            ("槐荫街道", "Huaiyin"),
            ("北桥街道", "Beiqiao"),
            ("望湖街道", "Wanghu"),
            ("沙河镇", "Shahe"),
            ("柳堤街道", "Liudi"),
            ("东闸街道", "Dongzha"),
            ("新塘街道", "Xintang"),
        ),
    ),
    AreaPlan(
        "a2",
        "石渡区",
        "Shidu",
        (4.6, 3.4),
        283,
        (
            ("石渡街道", "Shidu"),
            ("梅园街道", "Meiyuan"),
            ("建设路街道", "Jianshelu"),
            ("青年路街道", "Qingnianlu"),
            ("南关街道", "Nanguan"),
            ("杨林镇", "Yanglin"),
        ),
    ),
    AreaPlan(
        "a3",
        "青岑区",
        "Qingcen",
        (-4.2, -3.8),
        250,
        (
            ("青岑街道", "Qingcen"),
            ("书院街道", "Shuyuan"),
            ("团结街道", "Tuanjie"),
            ("河西街道", "Hexi"),
            ("龙泉街道", "Longquan"),
            ("白塔镇", "Baita"),
        ),
    ),
    AreaPlan(
        "a4",
        "云泽县",
        "Yunze",
        (5.2, -3.6),
        134,
        (
            ("云泽镇", "Yunze"),
            ("东皋镇", "Donggao"),
            ("竹溪镇", "Zhuxi"),
            ("柏树岗镇", "Baishugang"),
            ("双桥镇", "Shuangqiao"),
        ),
    ),
)

PROVIDERS = (
    ("p1", "a1", "安和居家", "Anhe Homecare", Acceptance.SHIFT),
    ("p2", "a1", "颐邻助老", "Yilin Neighbours", Acceptance.CAREGIVER),
    ("p3", "a2", "福泽护理", "Fuze Nursing", Acceptance.CLERK),
    ("p4", "a2", "邻里帮", "Linli Help", Acceptance.SHIFT),
    ("p5", "a3", "孝亲家政", "Xiaoqin Housekeeping", Acceptance.SHIFT),
    ("p6", "a3", "康禾养老", "Kanghe Elder Care", Acceptance.SHIFT),
    ("p7", "a4", "乐龄驿站", "Leling Station", Acceptance.CLERK),
    ("p8", "a4", "云泽敬老服务中心", "Yunze Care Centre", Acceptance.SHIFT),
)


@dataclass(frozen=True)
class Street:
    """A street with its shape."""

    street_id: str
    area: str
    zh: str
    outline: Outline


@dataclass(frozen=True)
class City:
    """The places of the town, in the order in which they are entered."""

    areas: tuple[AreaEntry, ...]
    providers: tuple[ProviderEntry, ...]
    others: tuple[PlaceEntry, ...]
    streets: tuple[Street, ...]


def build_city(seed: int) -> City:
    """The places of the town; the same for the same seed."""
    whole = blob(dice(seed, "outline"), 11.5, 8.6)
    outlines = cells(whole, [plan.seat_km for plan in AREAS])
    streets = tuple(
        street
        for plan, outline in zip(AREAS, outlines, strict=True)
        for street in _streets(seed, plan, outline)
    )
    others = tuple(place for street in streets for place in _places_of(seed, street))
    areas = tuple(_area(plan, outline, others) for plan, outline in zip(AREAS, outlines, strict=True))
    return City(areas, tuple(_provider(seed, *row, streets) for row in PROVIDERS), others, streets)


def _streets(seed: int, plan: AreaPlan, outline: Outline) -> tuple[Street, ...]:
    """Streets around points that are spread by moving each to the middle of its cell a few times."""
    rng = dice(seed, "streets", plan.area)
    seats = [spot_inside(rng, outline) for _ in plan.streets]
    for _ in range(6):
        seats = [middle_of(cell) for cell in cells(outline, seats)]
    return tuple(
        Street(f"{plan.area}-s{n}", plan.area, zh, cell)
        for n, ((zh, _), cell) in enumerate(zip(plan.streets, cells(outline, seats), strict=True), start=1)
    )


def _ring(outline: Outline) -> list[list[int]]:
    points = [to_point(spot) for spot in (*outline, outline[0])]
    return [[point.lat_udeg, point.lon_udeg] for point in points]


def _kitchens(area: str, others: tuple[PlaceEntry, ...]) -> tuple[Kitchen, ...]:
    """Where the area's meals are cooked: a box is loaded in five minutes, and nothing waits half an hour."""
    return tuple(
        Kitchen(place_id=place.place_id, place=place.at, loading_s=300, cooked_before_s=1_800)
        for place in others
        if place.area == area and place.kind == "KITCHEN" and place.at is not None
    )


def _area(plan: AreaPlan, outline: Outline, others: tuple[PlaceEntry, ...]) -> AreaEntry:
    points = [to_point(spot) for spot in outline]
    margin_udeg = 20_000
    settings = AreaSettings(
        south_west=Point(
            lat_udeg=min(p.lat_udeg for p in points) - margin_udeg,
            lon_udeg=min(p.lon_udeg for p in points) - margin_udeg,
        ),
        north_east=Point(
            lat_udeg=max(p.lat_udeg for p in points) + margin_udeg,
            lon_udeg=max(p.lon_udeg for p in points) + margin_udeg,
        ),
        deliver_by_s=DELIVER_BY_S,
        case_call_back_s=CASE_CALL_BACK_S,
        case_deliver_by_s=CASE_DELIVER_BY_S,
        case_fuse_s=CASE_FUSE_S,
        neighbours=tuple(other.area for other in AREAS if other.area != plan.area),
        kitchens=_kitchens(plan.area, others),
        carries=PORTIONS,
    )
    card = {"outline": _ring(outline)}
    place = PlaceEntry(
        plan.area, "AREA", plan.area, plan.zh, plan.en, to_point(middle_of(outline)), card=card
    )
    return AreaEntry(place, settings)


def _places_of(seed: int, street: Street) -> tuple[PlaceEntry, ...]:
    """The street itself, its station, a kitchen in every second street, a hospital in the first."""
    en = {zh: name for plan in AREAS for zh, name in plan.streets}[street.zh]
    number = int(street.street_id.rpartition("s")[2])
    short = street.zh.removesuffix("街道").removesuffix("镇")
    rng = dice(seed, "places", street.street_id)
    telephone = f"0377-6{rng.randrange(10**6):06d}"
    card = {"outline": _ring(street.outline)}
    middle = to_point(middle_of(street.outline))
    found = [PlaceEntry(street.street_id, "STREET", street.area, street.zh, en, middle, card=card)]
    beside = {"street": street.street_id}
    station_at = to_point(spot_inside(rng, street.outline))
    found.append(
        PlaceEntry(
            f"{street.street_id}-station",
            "STATION",
            street.area,
            f"{short}养老服务站",
            f"{en} care station",
            station_at,
            telephone,
            beside,
        )
    )
    if number % 2:
        kitchen_at = to_point(spot_inside(rng, street.outline))
        kitchen = (f"{short}助老食堂", f"{en} kitchen", kitchen_at, telephone, beside)
        found.append(PlaceEntry(f"{street.street_id}-kitchen", "KITCHEN", street.area, *kitchen))
    if number == 1:
        at = to_point(spot_inside(dice(seed, "hospital", street.street_id), street.outline))
        found.append(
            PlaceEntry(
                f"{street.area}-hospital", "HOSPITAL", street.area, f"{short}医院", f"{en} hospital", at
            )
        )
    return tuple(found)


def _provider(
    seed: int,
    provider_id: str,
    area: str,
    zh: str,
    en: str,
    acceptance: Acceptance,
    streets: tuple[Street, ...],
) -> ProviderEntry:
    rng = dice(seed, "provider", provider_id)
    outline = rng.choice([street for street in streets if street.area == area]).outline
    clerk = {"clerk_id": f"{provider_id}-clerk", "name": younger_name(rng, Gender.FEMALE)}
    card = {"acceptance": acceptance.value, "clerk": clerk}
    at = to_point(spot_inside(rng, outline))
    telephone = f"0377-6{rng.randrange(10**6):06d}"
    place = PlaceEntry(provider_id, "PROVIDER", area, zh, en, at, telephone, card)
    return ProviderEntry(place, acceptance, FUSE_S)
