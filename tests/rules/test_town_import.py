"""Registers from a file: right lines become people, a wrong one is named and stops all."""

import pytest

from producers.registers.import_csv import BadLine, fact_id_of, read_recipients
from schemas.codes import Gender

HEAD = "person_id,name,telephone,gender,born_on,address,lat,lon,street,provider_id,level,tags"
LINE = "r-1,罗玉珍,13800000000,女,1944-05-03,石榴巷 14 号,32.99,112.53,a1-s1,,MODERATE,LIVES_ALONE VETERAN"


def test_a_line_becomes_a_person() -> None:
    """A city's list could not be brought in."""
    (entry,) = read_recipients([HEAD, LINE], "a1")
    assert entry.person.name == "罗玉珍"
    assert entry.secret.gender is Gender.FEMALE
    assert entry.secret.tags == ("LIVES_ALONE", "VETERAN")
    assert entry.person.provider_id is None
    assert entry.secret.home.lat_udeg == 32_990_000


def test_the_same_line_is_told_under_the_same_id() -> None:
    """A file read twice would be told twice."""
    (one,), (again,) = read_recipients([HEAD, LINE], "a1"), read_recipients([HEAD, LINE], "a1")
    (other,) = read_recipients([HEAD, LINE.replace("石榴巷 14", "石榴巷 15")], "a1")
    assert fact_id_of(one) == fact_id_of(again)
    assert fact_id_of(one) != fact_id_of(other)


@pytest.mark.parametrize(
    ("found", "instead", "column"),
    [
        ("32.99,112.53", "112.53,32.99", "lat"),
        ("32.99", "north", "lat"),
        ("1944-05-03", "3.5.1944", "born_on"),
        ("女", "她", "gender"),
        ("MODERATE", "VERY", "level"),
        ("VETERAN", "HERO", "tags"),
        ("罗玉珍", "", "name"),
    ],
)
def test_a_wrong_line_is_named_with_its_column_and_what_to_do(found: str, instead: str, column: str) -> None:
    """Somebody would search 3,000 lines for one mistake."""
    with pytest.raises(BadLine) as refused:
        list(read_recipients([HEAD, LINE, LINE.replace(found, instead, 1)], "a1"))
    assert (refused.value.line, refused.value.column) == (3, column)
    assert "第 3 行" in str(refused.value)
    assert "line 3" in str(refused.value)


def test_a_missing_column_is_named() -> None:
    """An export of another shape would enter nonsense."""
    with pytest.raises(BadLine) as refused:
        list(read_recipients([HEAD.replace("telephone,", ""), LINE], "a1"))
    assert refused.value.column == "telephone"
