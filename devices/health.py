"""One vocabulary of health and faults for every device. A fault's code has words in the catalogue, for who can act."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Condition(StrEnum):
    """READY works; LOW works but wants a person soon; BUSY will be back by itself; AWAY cannot be reached;
    OUT works only after a person has acted; LATCHED stays out until a technician clears it; UNKNOWN was not said."""

    READY = "ready"
    LOW = "low"
    BUSY = "busy"
    AWAY = "away"
    OUT = "out"
    LATCHED = "latched"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Health:
    """`fault` is a code such as "printer-no-paper", empty when READY; `detail` is for the technician: codes and ids only."""

    condition: Condition
    fault: str = ""
    detail: str = ""

    @property
    def usable(self) -> bool:
        return self.condition in (Condition.READY, Condition.LOW)


class DeviceError(Exception):
    """A known failure of a device: `fault` as in Health."""

    def __init__(self, fault: str, detail: str = "") -> None:
        super().__init__(f"{fault} {detail}".strip())
        self.fault = fault
        self.detail = detail
