"""The files in ``deploy/`` are what their programs take, and agree with the product and each other."""

import functools
import json
import re
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml
from ray.autoscaler._private.util import prepare_config, validate_config

from api.configuration.secret_files import NAMES, OF_CLOUDS
from api.settings import KNOWN
from tests.test_ray_cluster import CLUSTER
from tests.test_ray_cluster import schema as ray_schema

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
SCHEMAS = Path(__file__).parent / "schemas"
OWN_MACHINES = DEPLOY / "ray_cluster_own_machines.yaml"
KUBERNETES = ("1.29", kubernetes_validate.latest_version())
"""The oldest release that anybody still runs, and the newest; what both take, those between take as well."""


def schema(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((SCHEMAS / f"{name}.json").read_text("utf-8"))
    return loaded


def closed(node: Any) -> Any:
    """An OpenAPI schema in which no other fields are allowed than those that it names."""
    if isinstance(node, list):
        return [closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {name: closed(value) for name, value in node.items()}
    if node.pop("x-kubernetes-int-or-string", False):
        node["type"] = ["integer", "string"]
    if "properties" in node and node.get("type") == "object":
        node.setdefault("additionalProperties", False)
    return node


def documents(name: str) -> list[dict[str, Any]]:
    text = (DEPLOY / "kubernetes" / name).read_text("utf-8")
    return [document for document in yaml.safe_load_all(text) if document]


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    return loaded


# ---- each by its own schema -----------------------------------------------------------------------------


def test_the_compose_file_obeys_the_specification() -> None:
    jsonschema.Draft7Validator(schema("compose-spec")).validate(compose())
    with pytest.raises(jsonschema.ValidationError, match="comand"):
        jsonschema.Draft7Validator(schema("compose-spec")).validate({"services": {"api": {"comand": []}}})


def test_the_ray_cluster_obeys_kuberays_schema() -> None:
    [cluster] = documents("raycluster.yaml")
    strict = closed(schema("raycluster-v1"))
    strict["properties"]["metadata"] = {"type": "object"}
    jsonschema.validate(cluster, strict)
    cluster["spec"]["workerGroupSpecs"][0]["template"]["spec"]["containers"][0]["imgae"] = "x"
    with pytest.raises(jsonschema.ValidationError, match="imgae"):
        jsonschema.validate(cluster, strict)


def test_pods_of_deployments_are_what_kubernetes_takes() -> None:
    """The cluster's schema holds that of a pod; the few fields around it are looked at one by one."""
    head = schema("raycluster-v1")["properties"]["spec"]["properties"]["headGroupSpec"]
    pod = closed(head["properties"]["template"]["properties"]["spec"])
    deployments = [d for d in documents("reelog.yaml") if d["kind"] == "Deployment"]
    assert len(deployments) == 2
    for deployment in deployments:
        spec = deployment["spec"]
        jsonschema.validate(spec["template"]["spec"], pod)
        assert spec["selector"]["matchLabels"] == spec["template"]["metadata"]["labels"]
        assert spec.keys() <= {"replicas", "strategy", "selector", "template"}
    broken = deployments[0]["spec"]["template"]["spec"] | {"termination": 3}
    with pytest.raises(jsonschema.ValidationError, match="termination"):
        jsonschema.validate(broken, pod)


@pytest.mark.parametrize("release", KUBERNETES)
def test_kubernetes_own_schemas_agree(release: str) -> None:
    """All but KubeRay's own kind, which has its schema above, and the pods within it."""
    validate = functools.partial(kubernetes_validate.validate, desired_version=release, strict=True)
    own = [d for d in documents("reelog.yaml") if validate(d)]
    assert [d["kind"] for d in own] == ["ConfigMap", "Service", "Deployment", "Deployment"]
    [cluster] = documents("raycluster.yaml")
    groups = [cluster["spec"]["headGroupSpec"], *cluster["spec"]["workerGroupSpecs"]]
    pods = [{"apiVersion": "v1", "kind": "Pod", **group["template"]} for group in groups]
    assert all(map(validate, pods))
    for document, field in ((own[1], "selektor"), (own[2], "replikas"), (pods[1], "volumez")):
        misspelt = {**document, "spec": {**document["spec"], field: 1}}
        with pytest.raises(kubernetes_validate.ValidationError, match=field):
            validate(misspelt)


def test_the_cluster_of_own_machines_obeys_rays_schema() -> None:
    config = yaml.safe_load(OWN_MACHINES.read_text("utf-8"))
    jsonschema.validate(config, ray_schema())
    validate_config(prepare_config(config))


# ---- together -------------------------------------------------------------------------------------------


def containers() -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    found = []
    for document in [*documents("reelog.yaml"), *documents("raycluster.yaml")]:
        spec = document.get("spec", {})
        groups = [spec, spec.get("headGroupSpec", {}), *spec.get("workerGroupSpecs", [])]
        for pod in (group["template"]["spec"] for group in groups if "template" in group):
            found += [(document["kind"], pod, container) for container in pod["containers"]]
    return found


def test_every_mount_has_a_volume_and_every_volume_is_mounted() -> None:
    assert len(containers()) == 4
    for _, pod, container in containers():
        volumes = {volume["name"] for volume in pod.get("volumes", [])}
        assert {mount["name"] for mount in container.get("volumeMounts", [])} == volumes


def test_the_service_finds_the_api_alone() -> None:
    [service] = [d for d in documents("reelog.yaml") if d["kind"] == "Service"]
    api, work = (d for d in documents("reelog.yaml") if d["kind"] == "Deployment")
    assert service["spec"]["selector"].items() <= api["spec"]["template"]["metadata"]["labels"].items()
    assert not service["spec"]["selector"].items() <= work["spec"]["template"]["metadata"]["labels"].items()
    [container] = api["spec"]["template"]["spec"]["containers"]
    assert service["spec"]["ports"][0]["targetPort"] in {port["name"] for port in container["ports"]}
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"


def test_every_setting_that_is_named_is_one_that_is_read() -> None:
    secrets = {f"{name}_FILE" for name in (*NAMES, *(n for names in OF_CLOUDS.values() for n in names))}
    for path in DEPLOY.rglob("*"):
        if path.is_file() and "secrets" not in path.parts:
            named = set(re.findall(r"\b(?:REELOG_[A-Z0-9_]+|\w+_API_KEY_FILE)\b", path.read_text("utf-8")))
            assert named <= KNOWN | secrets, path.name


def test_secrets_are_files_and_each_has_its_source() -> None:
    config = compose()
    for name, service in config["services"].items():
        environment = service.get("environment", {})
        named = {
            value.removeprefix("/run/secrets/") for value in environment.values() if "/run/secrets/" in value
        }
        assert named <= set(service.get("secrets", ())), name
        assert set(service.get("secrets", ())) <= config["secrets"].keys()
        assert (
            not {"REELOG_API_KEY", "GEMINI_API_KEY", "AWS_SECRET_ACCESS_KEY", "POSTGRES_PASSWORD"}
            & environment.keys()
        )


def test_every_deployment_on_postgresql_has_the_key_that_webhooks_need_there() -> None:
    api = compose()["services"]["api"]
    assert api["environment"]["REELOG_WEBHOOK_KEY_FILE"] == "/run/secrets/reelog_webhook_key"
    [(_, pod, container)] = [one for one in containers() if one[2]["name"] == "api"]
    named = {one["name"]: one["value"] for one in container["env"]}["REELOG_WEBHOOK_KEY_FILE"]
    [mount] = [mount for mount in container["volumeMounts"] if mount["name"] == "secrets"]
    [volume] = [volume for volume in pod["volumes"] if volume["name"] == "secrets"]
    assert named in {f"{mount['mountPath']}/{item['path']}" for item in volume["secret"]["items"]}
    for path in (CLUSTER, OWN_MACHINES):
        assert "REELOG_WEBHOOK_KEY" in path.read_text("utf-8"), path.name


@pytest.mark.parametrize("path", [CLUSTER, OWN_MACHINES], ids=lambda path: path.stem)
def test_a_cluster_that_is_there_can_be_updated(path: Path) -> None:
    """A service of its name is ended before the new one begins, also one that has failed."""
    commands = yaml.safe_load(path.read_text("utf-8"))["head_start_ray_commands"]
    [begun] = [number for number, one in enumerate(commands) if "systemd-run" in one]
    assert "--collect --unit=reelog " in commands[begun]
    assert "sudo systemctl stop reelog || true" in commands[:begun]


def test_nothing_but_the_api_is_reached_from_outside_and_that_from_this_machine() -> None:
    ports = {name: service.get("ports") for name, service in compose()["services"].items()}
    assert ports.pop("api") == ["127.0.0.1:8080:8080"]
    assert not any(ports.values())


def test_rays_version_is_the_one_of_the_lock() -> None:
    [cluster] = documents("raycluster.yaml")
    assert cluster["spec"]["rayVersion"] == version("ray")


def test_who_is_told_to_end_gets_the_time_that_it_was_promised() -> None:
    for name in ("api", "work", "renderer"):
        service = compose()["services"][name]
        assert int(service["stop_grace_period"].removesuffix("s")) > int(
            service["environment"]["REELOG_GRACE"]
        )
    for kind, pod, _ in containers():
        if kind == "Deployment":
            assert pod["terminationGracePeriodSeconds"] > 30 + 5


# ---- the image ------------------------------------------------------------------------------------------


def instructions() -> list[tuple[str, str]]:
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#")).replace("\\\n", " ")
    return [
        (name, rest.strip()) for name, _, rest in (line.partition(" ") for line in lines.splitlines() if line)
    ]


def test_the_image_runs_as_nobody_special_ends_on_sigterm_and_is_asked_how_it_is() -> None:
    said = dict(instructions())
    assert said["USER"] == "10001:10001"
    assert said["STOPSIGNAL"] == "SIGTERM"
    assert "/readyz" in said["HEALTHCHECK"]
    assert json.loads(said["ENTRYPOINT"]) == ["reelog"], "no shell stands between the signal and the server"
    order = [name for name, _ in instructions()]
    assert order.index("USER") > max(i for i, name in enumerate(order) if name == "RUN")
    assert {n for n, _ in instructions()} <= {
        "FROM", "RUN", "WORKDIR", "ENV", "COPY", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK",
        "ENTRYPOINT", "CMD",
    }  # fmt: skip


def test_all_that_the_image_needs_is_copied_and_let_through() -> None:
    copied = {source for name, rest in instructions() if name == "COPY" for source in rest.split()[:-1]}
    assert all((ROOT / source).exists() for source in copied)
    assert {"domain", "projections", "actors", "api", "requirements.lock", "pyproject.toml"} <= copied
    ignored = (DEPLOY / "Containerfile.dockerignore").read_text("utf-8").splitlines()
    assert {line[1:] for line in ignored if line.startswith("!")} == copied


def test_no_secret_is_committed() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "deploy/secrets"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert listed.stdout == ""
    assert "deploy/secrets/" in (ROOT / ".gitignore").read_text("utf-8").splitlines()
