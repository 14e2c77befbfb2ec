"""The API: version 1 below /api/v1, its OpenAPI document at /api/openapi.json."""

from http import HTTPStatus
from typing import Any

from flask import Flask
from flask_smorest import Api  # type: ignore[import-untyped]

from app.api import (
    audit,
    comparisons,
    invitations,
    jobs,
    nodes,
    sweep_files,
    sweep_shares,
    sweeps,
    tokens,
    uploads,
    workloads,
)
from app.api.problems import ProblemSchema
from app.row_id import RowId

SPEC = {
    "info": {
        "description": "Start jobs and sweeps on the fleet, watch them, fetch their results. Times are RFC 3339 in UTC; "
        "units are in the names. Errors are RFC 9457 problems. `docs/api.md` has examples.",
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    },
    "security": [{"token": []}],
}


class ProblemApi(Api):
    """Documents our problems in place of flask-smorest's own errors; `app.errors` makes them."""

    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        pass

    def _register_responses(self) -> None:
        """Every status by its name; what is not a success carries a problem."""
        for status in HTTPStatus:
            self.spec.components.response(status.name, problem_response(status), lazy=True)
        self.spec.components.response("DEFAULT_ERROR", problem_response(None), lazy=True)


def set_up(app: Flask) -> None:
    api = ProblemApi(app, spec_kwargs=SPEC)
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    api.register_converter(RowId, row_id_schema)
    for part in (
        workloads, jobs, uploads, sweeps, sweep_files, sweep_shares, comparisons, tokens, nodes, audit, invitations,
    ):  # fmt: skip
        api.register_blueprint(part.bp)


def problem_response(status: HTTPStatus | None) -> dict[str, Any]:
    described: dict[str, Any] = {"description": status.phrase if status else "Any other problem"}
    if status is None or status >= HTTPStatus.BAD_REQUEST:
        described["content"] = {"application/problem+json": {"schema": ProblemSchema}}
    return described


def row_id_schema(converter: RowId) -> dict[str, Any]:
    return {"type": "integer", "minimum": 0, "maximum": 2**63 - 1}
