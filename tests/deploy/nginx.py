"""A real nginx on a free port of loopback, with a file of ``deploy/nginx``, in a folder of its own."""

import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.certificates import issue

DEPLOY = Path(__file__).parents[2] / "deploy"
START_S = 30

needs_nginx = pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")


def configuration(folder: Path, name: str, server_port: int, port: int) -> Path:
    """A whole configuration around the file: only addresses and the places of certificates are others."""
    text = (DEPLOY / "nginx" / name).read_text("utf-8").replace("127.0.0.1:8080", f"127.0.0.1:{server_port}")
    if name == "reelog.conf":
        issued = issue(folder)
        text = re.sub(r"(ssl_certificate\s+)\S+;", rf"\1{issued.certificate};", text)
        text = re.sub(r"(ssl_certificate_key\s+)\S+;", rf"\1{issued.key};", text)
        text = text.replace("listen 443", f"listen 127.0.0.1:{port}")
        text = text.replace("listen 80;", f"listen unix:{folder}/plain.sock;")
    else:
        text = f"server {{ listen 127.0.0.1:{port}; {text} }}"
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    file = folder / "nginx.conf"
    file.write_text(
        f"daemon off;\nmaster_process off;\npid {folder}/nginx.pid;\nerror_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{places}{text}\n}}\n"
    )
    return file


class Nginx:
    """Started and ended by the test; ``kill`` cuts every connection at once."""

    def __init__(self, file: Path, port: int) -> None:
        self._file = file
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(["nginx", "-e", "stderr", "-c", str(self._file)])
        deadline = time.monotonic() + START_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", self._port), 1).close()
            except OSError:
                assert self._process.poll() is None, "nginx has ended"
                assert time.monotonic() < deadline, "nginx does not listen"
                time.sleep(0.02)
            else:
                return

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(START_S)
            self._process = None
