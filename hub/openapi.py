"""The OpenAPI document of what kiosks may ask this hub: from the routes themselves, with the bodies that those read raw."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from hub.app import make_app
from hub.folder import Folder
from hub.hub import open_hub
from offline_queue.wire.messages import (
    AuthorizationCall,
    AuthorizationRequest,
    Batch,
    CertificateRequest,
    Enrolment,
    Lookup,
    NamedLookup,
    ReceiptRequest,
    Refused,
    StaffCall,
)

BODIES: dict[str, type[BaseModel]] = {
    "/v1/enrolments": Enrolment,
    "/v1/kiosks/{kiosk}/certificates": CertificateRequest,
    "/v1/kiosks/{kiosk}/batches": Batch,
    "/v1/kiosks/{kiosk}/statement-lookups": Lookup,
    "/v1/kiosks/{kiosk}/named-lookups": NamedLookup,
    "/v1/kiosks/{kiosk}/receipts": ReceiptRequest,
    "/v1/kiosks/{kiosk}/calls": StaffCall,
    "/v1/kiosks/{kiosk}/authorizations": AuthorizationRequest,
    "/v1/kiosks/{kiosk}/authorizations/{pid}/inquiry": AuthorizationCall,
    "/v1/kiosks/{kiosk}/authorizations/{pid}/void": AuthorizationCall,
}
"""What each POST takes. The routes verify a signature over the raw bytes before anything reads them, so FastAPI cannot know."""

_REFS = "#/components/schemas/{model}"


def document() -> str:
    """The document as JSON text, the same for every hub of this release; made with a hub that nobody keeps."""
    with TemporaryDirectory() as folder:
        hub = open_hub(Folder(Path(folder)))
        try:
            told = make_app(hub).openapi()
        finally:
            hub.store.close()
    told["info"]["description"] = (
        "docs/sync-protocol.md says what these mean, how requests are signed, and what a kiosk does then."
    )
    models: tuple[type[BaseModel], ...] = (*BODIES.values(), Refused)
    _, bodies = models_json_schema([(model, "validation") for model in models], ref_template=_REFS)
    schemas = {**told["components"]["schemas"], **bodies["$defs"]}
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    told["components"]["schemas"] = schemas
    for path, operations in told["paths"].items():
        for method, operation in operations.items():
            _complete(operation, BODIES[path] if method == "post" else None)
    return json.dumps(told, indent=2, sort_keys=True) + "\n"


def _complete(operation: dict[str, Any], body: type[BaseModel] | None) -> None:
    """What a raw body is, and that every refusal is a Refused: FastAPI's own 422 is never given here."""
    operation["responses"].pop("422", None)
    operation["responses"]["default"] = {"description": "Refused", "content": _json(Refused)}
    if body is not None:
        operation["requestBody"] = {"required": True, "content": _json(body)}


def _json(model: type[BaseModel]) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": _REFS.format(model=model.__name__)}}}
