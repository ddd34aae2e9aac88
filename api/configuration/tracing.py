"""The variables of OpenTelemetry: where spans go, and what of them Reelog cannot do.

The library reads the environment alone, and most of its variables (headers, certificates, the name of the
service, how long to wait) are its own affair. These say whether anything is exported at all.
"""

from collections.abc import Mapping
from importlib.util import find_spec

from api.configuration.faults import Fault
from api.configuration.values import http_url

OWN_ENDPOINT, ENDPOINT = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"
PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
EXPORTER, DISABLED = "OTEL_TRACES_EXPORTER", "OTEL_SDK_DISABLED"
TRACEPARENT = "TRACEPARENT"
VARIABLES = (OWN_ENDPOINT, ENDPOINT, *PROTOCOLS, EXPORTER, DISABLED, TRACEPARENT)
_PROTOCOL = "http/protobuf"
_PATH = "v1/traces"
_EXTRA = "opentelemetry.exporter.otlp.proto.http"


def collector_of(values: Mapping[str, str]) -> str | None:
    """The address that spans are sent to; None where none are."""
    if values.get(DISABLED, "").strip().lower() == "true" or values.get(EXPORTER, "").strip() == "none":
        return None
    if own := values.get(OWN_ENDPOINT, "").strip():
        return own
    shared = values.get(ENDPOINT, "").strip()
    return f"{shared.rstrip('/')}/{_PATH}" if shared else None


def collector_faults(values: Mapping[str, str]) -> list[Fault]:
    """Why no spans could be exported though they are to be."""
    if collector_of(values) is None:
        return []
    named = OWN_ENDPOINT if values.get(OWN_ENDPOINT, "").strip() else ENDPOINT
    faults = []
    try:
        http_url(values[named].strip())
    except ValueError as error:
        faults.append(Fault(named, values[named], str(error)))
    protocol = next((name for name in PROTOCOLS if values.get(name)), None)
    if protocol is not None and values[protocol].strip() != _PROTOCOL:
        faults.append(
            Fault(protocol, values[protocol], f"spans are sent as {_PROTOCOL}; write that, or unset it")
        )
    if values.get(EXPORTER, "otlp").strip() not in ("", "otlp"):
        faults.append(Fault(EXPORTER, values[EXPORTER], "write otlp, or none where no spans are to be sent"))
    if not _is_installed():
        told = "what exports spans is not installed: pip install -e '.[otel]' in Reelog's folder, or unset it"
        faults.append(Fault(named, values[named], told))
    return faults


def _is_installed() -> bool:
    try:
        return find_spec(_EXTRA) is not None
    except ModuleNotFoundError:  # a part of the name is missing already
        return False
