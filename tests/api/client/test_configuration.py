from pathlib import Path

import pytest
from reelog_client.configuration import Server, server_of
from reelog_client.errors import ConfigurationError


def test_what_is_passed_goes_before_what_is_set() -> None:
    settings = {"REELOG_URL": "https://films.example/reelog/", "REELOG_API_KEY": "set"}
    assert server_of(None, None, settings) == Server("https://films.example/reelog", "set")
    assert server_of("http://other:1", "own", settings) == Server("http://other:1", "own")
    assert server_of(None, None, {}) == Server("http://127.0.0.1:8080", None)


def test_a_key_may_lie_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("secret\n")
    assert server_of(None, None, {"REELOG_API_KEY_FILE": str(file)}).api_key == "secret"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"REELOG_URL": "films.example"}, "is no address of a server"),
        ({"REELOG_URL": "http://host:x"}, "is no address of a server"),
        ({"REELOG_API_KEY": "a", "REELOG_API_KEY_FILE": "b"}, "are both set"),
        ({"REELOG_API_KEY_FILE": "/nowhere/key"}, "No such file"),
        ({"REELOG_API_KEY_FILE": "/dev/null"}, "must hold the key alone"),
    ],
)
def test_what_cannot_be_used_is_named(settings: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        server_of(None, None, settings)


def test_only_this_machine_is_reached_without_a_proxy() -> None:
    assert server_of("http://localhost:8080").is_local
    assert not server_of("https://films.example").is_local
