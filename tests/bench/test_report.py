import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.bench import __main__ as program
from tests.bench import markdown
from tests.bench.report import Bench, Row, SkippedError, report, run, table, verdicts, write

ROWS = (
    Row("a step", 12.0, 10.0, "ms", "median of 3"),
    Row("steps a second", 900.0, 187.0, "/s", at_least=5),
    Row("the slowest", 20.0, 25.0, "ms", at_most=1),
)


def _bench(measure: Sequence[Row] | Exception) -> Bench:
    def measured(quick: bool) -> Sequence[Row]:
        assert quick
        if isinstance(measure, Exception):
            raise measure
        return measure

    return Bench("steps", "how fast", ("ours", "peer"), measured)


def test_a_row_with_a_target_says_whether_it_is_met() -> None:
    assert [row.met for row in ROWS] == [None, False, True]
    assert [row.target for row in ROWS] == ["", "≥ 5 MISSED", "≤ 1 met"]


def test_the_table_tells_both_sides_the_ratio_and_the_command() -> None:
    lines = table(run(_bench(ROWS), quick=True)).splitlines()
    assert lines[:2] == ["steps: how fast", "$ python -m tests.bench steps --quick"]
    assert lines[4].split() == ["steps", "a", "second", "900", "/s", "187", "/s", "4.813", "≥", "5", "MISSED"]


def test_what_is_asked_of_a_run_is_told_in_one_table() -> None:
    lines = verdicts([run(_bench(ROWS), quick=True)]).splitlines()
    assert [line.split()[0] for line in lines] == ["targets", "ratio", "steps", "steps"]
    assert verdicts([run(_bench(ROWS[:1]), quick=True)]) == ""


def test_a_bench_that_cannot_be_measured_here_says_what_it_lacks() -> None:
    result = run(_bench(SkippedError("DBOS is not installed")), quick=True)
    assert "skipped: DBOS is not installed" in table(result)
    assert result.to_json()["skipped"] == "DBOS is not installed"


def test_a_run_is_told_as_json_with_where_it_comes_from() -> None:
    document = json.loads(json.dumps(report([run(_bench(ROWS), quick=True)], "make bench")))
    assert document.keys() == {"command", "at", "commit", "machine", "versions", "benches"}
    assert document["machine"]["cores"] >= 1
    assert "ray" in document["versions"]
    [bench] = document["benches"]
    assert len(bench["load"]) == 2
    assert bench["rows"][1] == {
        "what": "steps a second", "ours": 900.0, "other": 187.0, "unit": "/s", "ratio": 4.8128,
        "at_least": 5, "at_most": None, "met": False, "note": "",
    }  # fmt: skip


def test_a_run_is_a_page_of_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    skipped = run(_bench(SkippedError("DBOS is not installed")), quick=True)
    write(tmp_path / "bench.json", report([run(_bench(ROWS), quick=True), skipped], "make bench"))
    assert markdown.main([str(tmp_path / "bench.json")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "| | ours | peer | ratio | aim | |" in lines
    assert "| a step | 12 ms | 10 ms | 1.2 |  | median of 3 |" in lines
    assert "| steps a second | 900 /s | 187 /s | 4.81 | at least 5: **missed** |  |" in lines
    assert "| the slowest | 20 ms | 25 ms | 0.8 | at most 1: met |  |" in lines
    assert "Skipped: DBOS is not installed" in lines


def test_what_is_measured_first_is_kept_when_a_later_bench_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {"first": _bench(ROWS), "second": _bench(ValueError("broken"))}
    monkeypatch.setattr(program, "benches", lambda: known)
    with pytest.raises(ValueError, match="broken"):
        program.main(["--quick", "--json", str(tmp_path / "new" / "bench.json")])
    assert len(json.loads((tmp_path / "new" / "bench.json").read_text("utf-8"))["benches"]) == 1


@pytest.mark.slow  # loads all that any bench compares with
def test_every_module_that_measures_is_found_by_its_name() -> None:
    found = program.benches()
    folder = Path(program.__file__).parent
    declared = {path.stem for path in folder.glob("*.py") if "\nBENCH = " in path.read_text("utf-8")}
    assert {name.partition(".")[0] for name in found} == declared
