import sys
from pathlib import Path

import pytest

from tests.bench import durable_steps, peers
from tests.bench.report import SkippedError, run, table


def test_a_peer_that_is_not_installed_is_skipped_and_says_how_to_install_it(tmp_path: Path) -> None:
    with pytest.raises(SkippedError, match="dbos is not installed; `make bench-peers` installs it"):
        peers.python_of("dbos", tmp_path)


def test_a_bench_without_any_peer_says_what_it_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(peer: str) -> Path:
        raise SkippedError(f"{peer} is not here: {tmp_path}")

    monkeypatch.setattr(peers, "python_of", none)
    told = table(run(durable_steps.BENCH, quick=True))
    assert "skipped: dbos is not here" in told
    assert "huey is not here" in told


def test_a_peer_s_figures_come_with_its_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(peers.PEERS, "pytest", "pytest")
    python = tmp_path / "pytest" / "bin" / "python"
    python.parent.mkdir(parents=True)
    # A link would lose the environment that it leads to.
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o700)
    (tmp_path / "pytest_steps.py").write_text(
        "import sys\nprint('warming up')\nprint('{\"steps_s\":', sys.argv[1], '}')\n"
    )
    figures = peers.run("pytest", "187", folder=tmp_path, programs=tmp_path)
    assert figures == {"steps_s": 187, "version": pytest.__version__}


def test_a_peer_that_fails_is_no_peer_that_is_slow(tmp_path: Path) -> None:
    python = tmp_path / "huey" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\necho no queue >&2\nexit 3\n")
    python.chmod(0o700)
    with pytest.raises(RuntimeError, match="ended with 3: no queue"):
        peers.run("huey", folder=tmp_path)


def test_there_is_a_program_for_each_peer() -> None:
    assert {path.stem.removesuffix("_steps") for path in peers.PROGRAMS.glob("*.py")} == set(peers.PEERS)
