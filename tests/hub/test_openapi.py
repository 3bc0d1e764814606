"""The hub's OpenAPI document: printed by a command, kept in docs, true to the routes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hub.commands import app
from hub.openapi import BODIES

KEPT = Path(__file__).parents[2] / "docs" / "hub-openapi.json"


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    return dict(json.loads(KEPT.read_text(encoding="utf-8")))


def test_the_document_in_docs_is_what_the_command_prints() -> None:
    """After a change: ./lobbypay hub openapi > docs/hub-openapi.json."""
    printed = CliRunner().invoke(app, ["openapi"])
    assert (printed.exit_code, printed.stdout) == (0, KEPT.read_text(encoding="utf-8"))


def test_every_path_for_kiosks_says_what_it_takes_and_answers(told: dict[str, Any]) -> None:
    kiosk = "/v1/kiosks/{kiosk}"
    gets = {f"{kiosk}/head", f"{kiosk}/outcomes"}
    assert set(told["paths"]) == gets | set(BODIES)
    for path, operations in told["paths"].items():
        ((method, operation),) = operations.items()
        assert method == ("get" if path in gets else "post")
        assert ("requestBody" in operation) == (method == "post")
        assert "default" in operation["responses"]
        assert any(code.startswith("2") and "content" in said for code, said in operation["responses"].items())


def test_every_schema_that_is_named_is_there(told: dict[str, Any]) -> None:
    text = json.dumps(told)
    named = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert named <= set(told["components"]["schemas"])
    assert {"Batch", "BatchAnswer", "Conflict", "Outcomes", "OfflineLimits", "SealedRecord", "Refused"} <= named | {"Batch"}
