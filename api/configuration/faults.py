"""Wrong settings, each by its name, its value and what would do."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One wrong setting: its name, the value as it stands, and what would do."""

    name: str
    value: str
    message: str

    def __str__(self) -> str:
        shown = f"{self.name}={self.value!r}" if self.value else self.name
        return f"{shown}: {self.message}"


class SettingsError(Exception):
    """Some settings are wrong; ``faults`` names them all."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults
