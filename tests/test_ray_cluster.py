"""The cluster file is valid by Ray's own schema and its own checks, offline."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from ray.autoscaler._private.util import prepare_config, validate_config

CLUSTER = Path(__file__).parent.parent / "ray_cluster.yaml"


def load() -> dict[str, Any]:
    config: dict[str, Any] = yaml.safe_load(CLUSTER.read_text(encoding="utf-8"))
    return config


def schema() -> dict[str, Any]:
    text = files("ray.autoscaler").joinpath("ray-schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def test_the_cluster_file_obeys_rays_schema() -> None:
    jsonschema.validate(load(), schema())


def test_ray_itself_accepts_the_cluster_file() -> None:

    validate_config(prepare_config(load()))


def test_a_typing_error_in_the_cluster_file_would_be_seen() -> None:
    broken = {**load(), "max_wrokers": 8}
    with pytest.raises(jsonschema.ValidationError, match="max_wrokers"):
        jsonschema.validate(broken, schema())


def test_only_the_head_carries_the_api_and_it_renders_nothing() -> None:
    types = load()["available_node_types"]
    assert types[load()["head_node_type"]]["resources"] == {"CPU": 0, "api": 1}
    assert all("api" not in node["resources"] for name, node in types.items() if name != "head")
