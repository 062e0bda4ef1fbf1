"""A public day through the real line: booked, planned, served, paid, judged by code that did not plan it."""

import json
from pathlib import Path

import pytest

from dispatcher.planning.hhcrsp import read_day
from dispatcher.planning.hhcrsp_check import check_day
from infra.replay import run
from infra.settings import Settings
from infra.trouble import Trouble

DAY = Path(__file__).parents[1] / "golden" / "days" / "small_p12_c3.json"


@pytest.mark.timeout(400)
def test_a_day_is_served_paid_and_checked_from_file_to_ledger(
    kafka: str, postgres_server: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Nobody could tell whether what the line plans can stand beside what others plan."""
    settings = Settings(kafka_bootstrap_servers=kafka, database_url=postgres_server, data_dir=tmp_path)
    written = tmp_path / "solution.json"
    assert run(settings=settings, file=DAY, solution=written, plan_s=2.0, serve_s=6.0) == 0
    day = read_day(DAY)
    needed = sum(len(patient.services) for patient in day.patients)
    told = json.loads((tmp_path / "replay" / "results" / f"{day.name}.json").read_text())
    assert (told["served"], told["services"]) == (needed, needed)
    assert told["violations"] == []
    assert told["ledger_faults"] == []
    assert told["priced_fen"] == 6_000 * needed
    assert check_day(day, json.loads(written.read_text())) == []
    assert (tmp_path / "replay" / "results" / f"{day.name}.svg").read_text().startswith("<svg")
    assert str(needed) in capfd.readouterr().out


def test_a_file_that_is_no_day_is_refused_in_both_languages(tmp_path: Path) -> None:
    """A stack trace tells nobody what to do."""
    file = tmp_path / "day.json"
    file.write_text('{"patients": []}')
    with pytest.raises(Trouble) as refused:
        run(settings=Settings(data_dir=tmp_path), file=file)
    assert "读不出" in str(refused.value)
    assert "no readable day" in str(refused.value)
