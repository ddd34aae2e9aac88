"""What nginx, Caddy and systemd themselves say of the files that are meant for them."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.nginx import configuration, needs_nginx

DEPLOY = Path(__file__).parents[2] / "deploy"

IN_CI = bool(os.environ.get("CI"))
needs_caddy = pytest.mark.skipif(not (shutil.which("caddy") or IN_CI), reason="caddy is not installed")
needs_systemd = pytest.mark.skipif(
    not (shutil.which("systemd-analyze") or IN_CI), reason="systemd is not installed"
)


def said(*command: str, env: dict[str, str] | None = None) -> tuple[int, str]:
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=60, env={**os.environ, **(env or {})}
    )
    return done.returncode, done.stdout + done.stderr


@needs_nginx
@pytest.mark.parametrize("name", ["reelog.conf", "under_a_path.conf"])
def test_nginx_takes_it(name: str, tmp_path: Path) -> None:
    code, told = said(
        "nginx", "-e", "stderr", "-t", "-q", "-c", str(configuration(tmp_path, name, 18080, 18443))
    )
    assert (code, told) == (0, "")
    broken = configuration(tmp_path, name, 18080, 18443)
    broken.write_text(broken.read_text().replace("proxy_pass", "proxy_pas"))
    assert said("nginx", "-e", "stderr", "-t", "-q", "-c", str(broken))[0] != 0


@needs_caddy
def test_caddy_takes_it(tmp_path: Path) -> None:
    own = {"XDG_DATA_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), "HOME": str(tmp_path)}
    file = DEPLOY / "Caddyfile"
    code, told = said("caddy", "validate", "--adapter", "caddyfile", "--config", str(file), env=own)
    assert (code, "Valid configuration" in told) == (0, True), told
    assert said("caddy", "fmt", str(file), env=own)[1].strip() == file.read_text("utf-8").strip()


@needs_systemd
def test_systemd_takes_it(tmp_path: Path) -> None:
    text = (DEPLOY / "reelog.service").read_text("utf-8")
    unit = tmp_path / "reelog.service"
    reelog = Path(sys.executable).with_name("reelog")
    unit.write_text(text.replace("/opt/reelog/.venv/bin/reelog", str(reelog)))
    code, told = said("systemd-analyze", "verify", "--man=no", str(unit))
    ours = [line for line in told.splitlines() if "reelog" in line]
    assert (code, ours) == (0, [])
    unit.write_text(unit.read_text().replace("Restart=always", "Restart=ever"))
    assert "restart specifier" in said("systemd-analyze", "verify", "--man=no", str(unit))[1]


def test_the_unit_reads_secrets_from_files_that_it_was_handed() -> None:
    text = (DEPLOY / "reelog.service").read_text("utf-8")
    handed = set(re.findall(r"^LoadCredential=(\w+):", text, re.MULTILINE))
    assert set(re.findall(r"_FILE=%d/(\w+)", text)) == handed == {"gemini_api_key", "reelog_api_key"}
