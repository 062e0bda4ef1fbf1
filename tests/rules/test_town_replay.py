"""A public day as facts: everything in it is said, in units and words the line understands."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from dispatcher.planning.hhcrsp import read_day
from dispatcher.planning.problem import Plan, PlannedStop, Route
from infra.replay_facts import entries, item_of, open_book, requests, table_bytes
from infra.replay_report import best_known, routes_svg
from producers.entries import CaregiverEntry, RecipientEntry
from schemas.facts import ShiftPublished, TariffPublished, TravelTablePublished
from schemas.ids import new_id

DAY = Path(__file__).parents[1] / "golden" / "days" / "small_p12_c3.json"
MIDNIGHT = datetime(2026, 11, 11, 16, 0, tzinfo=UTC)
day = read_day(DAY)
book = open_book(day, "day-1", MIDNIGHT, new_id)


def test_every_service_of_the_day_is_asked_for_with_its_window_and_distance() -> None:
    """A service left out would make the day cheaper than it is."""
    asked = requests(book, MIDNIGHT, new_id)
    assert [len(request.roles) for request in asked] == [len(p.services) for p in day.patients]
    for request, patient in zip(asked, day.patients, strict=True):
        opens_s = (request.window.opens_at - MIDNIGHT).total_seconds()
        assert opens_s == patient.window[0] * 60
        assert request.late_allowed
        if len(patient.services) == 2:
            low, high = (request.roles[1].offset_min_s, request.roles[1].offset_max_s)
            assert (low, high) == (patient.apart[0] * 60, patient.apart[1] * 60)


def test_the_travel_table_is_whole_seconds_and_its_places_are_those_of_the_people() -> None:
    """Everybody would live at somebody else's address."""
    entered = entries(book, MIDNIGHT, new_id)
    (table,) = [entry for entry in entered if isinstance(entry, TravelTablePublished)]
    matrix = np.frombuffer(table_bytes(book), dtype="<i4").reshape(table.size, table.size)
    assert np.array_equal(matrix, book.problem.travel.matrix_s)
    homes = [entry.secret.table_index for entry in entered if isinstance(entry, RecipientEntry)]
    assert homes == list(range(1, len(day.patients) + 1))
    assert {e.station_table_index for e in entered if isinstance(e, ShiftPublished)} == {0}


def test_every_item_asked_for_is_in_the_tariff_and_somebody_has_each_skill() -> None:
    """The desk would refuse the day for want of a price or of hands."""
    entered = entries(book, MIDNIGHT, new_id)
    (tariff,) = [entry for entry in entered if isinstance(entry, TariffPublished)]
    assert {item.code for item in tariff.items} == {item_of(patient) for patient in day.patients}
    skills = {s for e in entered if isinstance(e, CaregiverEntry) for s in e.secret.skills}
    assert {s for item in tariff.items for role in item.roles for s in role.skills} <= skills


def test_the_picture_shows_every_patient_and_every_route_that_is_driven() -> None:
    """A route that is not drawn is not looked at."""
    first = day.caregivers[0].caregiver_id
    plan = Plan((Route(first, (PlannedStop(day.patients[0].patient_id, 0, 0),)), Route("nobody")))
    picture = routes_svg(day, plan)
    assert picture.count("<circle") == len(day.patients)
    assert picture.count("<polyline") == 1


def test_the_best_known_value_is_found_beside_the_family(tmp_path: Path) -> None:
    """The gap would be measured against nothing, or against another day."""
    family = tmp_path / "family"
    family.mkdir()
    (tmp_path / "best_known.csv").write_text("family,instance,total_cost\nf,one.json,12.5\nf,two.json,99\n")
    assert best_known(family / "one.json.gz", "one") == 12.5
    assert best_known(family / "three.json", "three") is None
