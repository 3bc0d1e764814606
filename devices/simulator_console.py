"""How a simulator process talks: one-line JSON commands on stdin, one-line JSON reports on stdout, the end of stdin ends it."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from typing import Any


def report(happening: dict[str, Any]) -> None:
    """Says what happened, at once: whoever started us may be waiting for it."""
    sys.stdout.write(json.dumps(happening, ensure_ascii=False) + "\n")
    sys.stdout.flush()


async def commands() -> AsyncIterator[dict[str, Any]]:
    """The commands as they come, until stdin closes. A line that is no JSON object is reported as {"error": ...}."""
    while line := await asyncio.to_thread(sys.stdin.readline):
        try:
            command = json.loads(line)
        except json.JSONDecodeError as error:
            report({"error": f"not JSON: {error}"})
            continue
        if isinstance(command, dict):
            yield command
        else:
            report({"error": "a command is a JSON object"})
