"""Which tests share a process where several run at once: those of a file, and those that share a server."""

from tests.conftest import BesideEachOther


def shared(test: str) -> str:
    return BesideEachOther._split_scope(object.__new__(BesideEachOther), test)


def test_who_shares_a_server_shares_a_process_and_all_else_goes_by_its_file() -> None:
    """Fails where each file goes by itself: a server with Ray would be started for each."""
    assert shared("tests/journeys/test_kill.py::test_a[sqlite]") == shared(
        "tests/journeys/test_stop.py::test_b[sqlite]"
    )
    assert shared("tests/journeys/test_kill.py::test_a[postgresql]") != shared(
        "tests/journeys/test_kill.py::test_a[sqlite]"
    )
    by_file = {
        "tests/journeys/test_motion.py::test_c",
        "tests/journeys/test_current_folder.py::test_d[.]",
        "tests/crash/test_kill_processes.py::test_e[sqlite]",
    }
    assert {shared(test) for test in by_file} == {test.partition("::")[0] for test in by_file}
