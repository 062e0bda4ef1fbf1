"""The town's price list and its one programme: what each help costs, asks and pays."""

from datetime import date, datetime

from producers.enrol import REGISTER
from schemas.codes import HelpKind, Payer
from schemas.facts import ProgrammePublished, TariffPublished
from schemas.shapes import Escort, MealRule, QuotaClass, RoleNeed, TariffItem

TARIFF_ID = "town-2026"
PROGRAMME_ID = "NANYANG-2021"
BATHING_CERT = "BATHING_CERT"
HOT = MealRule(fresh_s=3_600)
"""A meal is at the door within an hour of leaving its kitchen."""

_ROWS = (
    # code, help, Chinese, English, unit, price yuan, pay yuan, minutes, least minutes, skill
    ("MEAL_LUNCH", "MEAL", "送午餐", "Lunch brought", "MEAL", 15, 4, 5, 3, "MEAL"),
    ("MEAL_DINNER", "MEAL", "送晚餐", "Dinner brought", "MEAL", 13, 4, 5, 3, "MEAL"),
    ("BATH_BED", "BATHING", "床上擦浴", "Bed bath", "VISIT", 90, 52, 40, 30, "BATHING"),
    (
        "CLEAN_HOME",
        "CLEANING",
        "居家保洁（两小时）",
        "Home cleaning (2 h)",
        "VISIT",
        54,
        36,
        120,
        90,
        "CLEANING",
    ),
    ("ESCORT_CLINIC", "MOBILITY", "陪同就医", "Escort to the clinic", "VISIT", 120, 72, 120, 60, "MOBILITY"),
    (
        "BLOOD_PRESSURE",
        "MEDICAL",
        "上门量血压血糖",
        "Blood pressure and sugar",
        "VISIT",
        20,
        12,
        20,
        10,
        "MEDICAL",
    ),
    ("MEDICINE_FETCH", "MEDICAL", "代取药", "Medicine fetched", "VISIT", 25, 14, 30, 10, "MEDICAL"),
    ("URGENT_ERRAND", "EMERGENCY", "急事跑腿", "Urgent errand", "VISIT", 40, 26, 40, 10, "EMERGENCY"),
    ("EMERGENCY_RESPONSE", "EMERGENCY", "紧急上门", "Emergency response", "VISIT", 0, 60, 45, 0, "EMERGENCY"),
    ("CARE_BASIC", "CARE", "基础照护（一小时）", "Basic care (1 h)", "HOUR", 60, 38, 60, 45, "CARE"),
    ("VISIT_HOME", "VISITING", "上门探访", "Home visit", "VISIT", 15, 9, 20, 10, "VISITING"),
    ("COMFORT_TALK", "COMFORT", "精神慰藉", "Comforting talk", "HOUR", 80, 48, 60, 45, "COMFORT"),
    ("REPAIR_SMALL", "HOUSEHOLD", "便民维修", "Small repair", "VISIT", 50, 34, 50, 10, "HOUSEHOLD"),
)


def _bath() -> TariffItem:
    pair = RoleNeed(skills=("BATHING",), duration_s=3_600)
    return TariffItem(
        code="BATH_HOME",
        help=HelpKind.BATHING,
        name_zh="上门助浴（两人）",
        name_en="Bath at home (crew of two)",
        unit="VISIT",
        price_fen=18_000,
        pay_fen=5_500,
        minimum_s=2_400,
        roles=(pair, pair),
        certificates=(BATHING_CERT,),
    )


def _escort() -> TariffItem:
    """To hospital and back, the wait between them known only roughly."""
    leg = RoleNeed(skills=("MOBILITY",), duration_s=1_200)
    return TariffItem(
        code="ESCORT_HOSPITAL",
        help=HelpKind.MOBILITY,
        name_zh="陪同住院部、门诊（来回）",
        name_en="Escort to hospital and back",
        unit="VISIT",
        price_fen=11_000,
        pay_fen=3_300,
        minimum_s=2_400,
        roles=(leg, leg),
        escort=Escort(wait_s=5_400, spread_s=1_800),
    )


def items() -> tuple[TariffItem, ...]:
    """Every item of the town."""
    single = tuple(
        TariffItem(
            code=code,
            help=HelpKind(help_kind),
            name_zh=zh,
            name_en=en,
            unit=unit,
            price_fen=price * 100,
            pay_fen=pay * 100,
            minimum_s=least * 60,
            roles=(RoleNeed(skills=(skill,), duration_s=minutes * 60),),
            meal=HOT if help_kind == "MEAL" else None,
        )
        for code, help_kind, zh, en, unit, price, pay, minutes, least, skill in _ROWS
    )
    return (_bath(), *single, _escort())


def tariff(area: str, fact_id: str, said_at: datetime, valid_from: date) -> TariffPublished:
    """The price list, as told to one area."""
    return TariffPublished(
        fact_id=fact_id,
        area=area,
        said_at=said_at,
        by=REGISTER,
        tariff_id=TARIFF_ID,
        valid_from=valid_from,
        items=items(),
    )


def programme(area: str, fact_id: str, said_at: datetime, valid_from: date) -> ProgrammePublished:
    """Government purchase of home care, 300 or 200 yuan a month (Nanyang 2021), as told to one area."""
    return ProgrammePublished(
        fact_id=fact_id,
        area=area,
        said_at=said_at,
        by=REGISTER,
        programme_id=PROGRAMME_ID,
        name_zh="居家养老政府购买服务",
        name_en="Government purchase of home care",
        payer=Payer.BUREAU,
        valid_from=valid_from,
        helps=tuple(HelpKind),
        classes=(
            QuotaClass(code="DISABLED", quota_fen=30_000),
            QuotaClass(code="SEMI_DISABLED", quota_fen=20_000),
        ),
    )
