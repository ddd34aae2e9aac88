"""The variables of OpenTelemetry that Reelog reads itself: where spans go, and what is refused at start."""

from pathlib import Path
from typing import Any

import pytest

from api.configuration import tracing
from api.configuration.tracing import collector_faults, collector_of
from api.settings import SettingsError, load_settings
from api.traces.collector import Collector
from api.traces.opening import open_collector

HERE = "http://127.0.0.1:4318"
SHARED, OWN = "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"


def settings(**environ: str) -> Any:
    return load_settings({"REELOG_DATA_DIR": "/nonexistent", **environ}, Path("/nonexistent.env"))


@pytest.mark.parametrize(
    ("environ", "endpoint"),
    [
        pytest.param({}, None, id="nothing"),
        pytest.param({SHARED: HERE}, f"{HERE}/v1/traces", id="all signals"),
        pytest.param({SHARED: f"{HERE}/otlp/"}, f"{HERE}/otlp/v1/traces", id="below a path"),
        pytest.param({OWN: f"{HERE}/in"}, f"{HERE}/in", id="traces alone"),
        pytest.param({SHARED: HERE, OWN: f"{HERE}/in"}, f"{HERE}/in", id="traces before all"),
        pytest.param({SHARED: HERE, "OTEL_SDK_DISABLED": "true"}, None, id="disabled"),
        pytest.param({SHARED: HERE, "OTEL_TRACES_EXPORTER": "none"}, None, id="no traces"),
        pytest.param({SHARED: " "}, None, id="blank"),
    ],
)
def test_where_spans_go(environ: dict[str, str], endpoint: str | None) -> None:
    assert collector_of(settings(**environ).tracing) == endpoint
    assert collector_faults(environ) == []


@pytest.mark.parametrize(
    ("environ", "name", "why"),
    [
        ({SHARED: "collector:4318"}, SHARED, "write an address such as"),
        ({OWN: "ftp://collector.example"}, OWN, "write an address such as"),
        (
            {SHARED: HERE, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
            "OTEL_EXPORTER_OTLP_PROTOCOL",
            "http/protobuf",
        ),
        ({SHARED: HERE, "OTEL_TRACES_EXPORTER": "zipkin"}, "OTEL_TRACES_EXPORTER", "write otlp, or none"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_done_is_named_with_its_variable(environ: dict[str, str], name: str, why: str) -> None:
    with pytest.raises(SettingsError) as refused:
        open_collector(settings(**environ))
    [fault] = refused.value.faults
    assert fault.name == name
    assert why in fault.message


def test_without_the_extra_the_error_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracing, "_EXTRA", "opentelemetry.exporter.none.of.this.name")
    with pytest.raises(SettingsError, match=r"OTEL_EXPORTER_OTLP_ENDPOINT.*pip install -e '\.\[otel\]'"):
        open_collector(settings(**{SHARED: HERE}))
    assert open_collector(settings()) is None


def test_a_collector_is_opened_where_one_is_named() -> None:
    collector = open_collector(settings(**{SHARED: HERE}))
    assert isinstance(collector, Collector)
    assert collector.name == HERE
    collector.close()


def test_the_span_of_whoever_started_a_command_is_read_and_a_wrong_one_passed_over() -> None:
    valid = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    assert settings(TRACEPARENT=valid).traceparent == valid
    assert settings(TRACEPARENT="00-0-0-0").traceparent is None
    assert settings().traceparent is None
