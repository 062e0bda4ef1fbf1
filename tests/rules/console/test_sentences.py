"""What the operator reads aloud must sound as people speak, and say the right figures."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import sentences as say
from schemas.shown import ZONE, day, masked, yuan

NOW = datetime(2026, 11, 12, 9, 42, tzinfo=ZONE)


def at(hour: int, minute: int = 0, of_day: int = 13) -> datetime:
    return datetime(2026, 11, of_day, hour, minute, tzinfo=ZONE)


def test_a_bath_is_promised_as_it_is_spoken() -> None:
    told = (at(9, 5), at(9, 25))
    who = say.who_comes(("许凤霞", "段小芹"), "安和居家", 2, "zh")
    assert (
        say.promise(
            language="zh",
            caller=say.address_zh("罗玉珍", "FEMALE"),
            told=told,
            now=NOW,
            who=who,
            item="BATH_HOME",
            help_kind="BATHING",
            copay_fen=1_200,
        )
        == "罗阿姨，明天上午九点零五到九点二十五，许凤霞和段小芹来给您洗澡，您自己付十二块钱。"
    )
    assert (
        say.promise(
            language="en",
            caller=say.address_en("Luo Yuzhen", "FEMALE"),
            told=told,
            now=NOW,
            who=say.who_comes(("Xu Fengxia", "Duan Xiaoqin"), "Anhe", 2, "en"),
            item="BATH_HOME",
            help_kind="BATHING",
            copay_fen=1_200,
        )
        == "Ms Luo, tomorrow between 9:05 and 9:25 Xu Fengxia and Duan Xiaoqin will come to give you a bath."
        " You pay twelve yuan."
    )


def test_before_acceptance_the_provider_is_named_and_no_person() -> None:
    assert say.who_comes((), "安和居家", 2, "zh") == "安和居家派两个人"
    assert say.who_comes((), "安和居家", 1, "zh") == "安和居家派人"
    assert say.who_comes((), "Anhe", 2, "en") == "two people of Anhe"


@pytest.mark.parametrize(
    ("n", "spoken"),
    [
        (0, "零"),
        (2, "二"),
        (10, "十"),
        (12, "十二"),
        (20, "二十"),
        (105, "一百零五"),
        (110, "一百一十"),
        (200, "两百"),
        (222, "两百二十二"),
        (1_001, "一千零一"),
        (2_010, "两千零一十"),
        (20_000, "两万"),
        (10_050, "一万零五十"),
    ],
)
def test_numbers_are_spoken(n: int, spoken: str) -> None:
    assert say.number_zh(n) == spoken


@pytest.mark.parametrize(
    ("fen", "spoken"),
    [
        (1_200, "十二块钱"),
        (1_250, "十二块五"),
        (1_205, "十二块零五分"),
        (1_255, "十二块五毛五"),
        (50, "五毛钱"),
        (200, "两块钱"),
    ],
)
def test_money_is_spoken(fen: int, spoken: str) -> None:
    assert say.money_zh(fen) == spoken


@pytest.mark.parametrize(
    ("moment", "spoken"),
    [
        (at(9, 5), "上午九点零五"),
        (at(14, 30), "下午两点半"),
        (at(8), "早上八点"),
        (at(12, 10), "中午十二点十分"),
        (at(19, 45), "晚上七点四十五"),
        (at(0, 15), "凌晨零点十五"),
    ],
)
def test_times_are_spoken(moment: datetime, spoken: str) -> None:
    assert say.clock_zh(moment) == spoken


def test_the_part_of_the_day_is_said_again_only_when_it_changes() -> None:
    assert say.span_zh(at(9, 5), at(9, 25)) == "上午九点零五到九点二十五"
    assert say.span_zh(at(11, 50), at(12, 20)) == "上午十一点五十到中午十二点二十"


def test_days_beyond_the_day_after_are_named_in_full() -> None:
    assert say.day_zh(at(9, of_day=14), NOW) == "后天"
    assert say.day_zh(at(9, of_day=20), NOW) == "十一月二十号星期五"


@given(st.integers(0, 99_999_999))
def test_no_amount_goes_unspoken(n: int) -> None:
    assert say.number_zh(n)
    assert "零零" not in say.number_zh(n)
    assert say.money_zh(n)


def test_figures_are_shown_plainly() -> None:
    assert (yuan(107_615_500), yuan(-7_200), yuan(5)) == ("1,076,155.00", "−72.00", "0.05")
    assert (masked("13812342716"), masked("65551835"), masked("110")) == ("138****2716", "6****835", "****")
    assert day(at(9), NOW, "zh") == "明天 11 月 13 日 周五"
    assert day(at(9), NOW, "en") == "Tomorrow, Fri 13 Nov"
