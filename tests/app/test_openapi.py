"""The OpenAPI document: complete, and true when strangers' requests are made from it."""

import re

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.app.conftest import Program

EXAMPLES = 5


def test_it_is_openapi_3_1_and_open_to_all(app: Flask):
    document = app.test_client().get("/api/openapi.json").json

    assert document["openapi"] == "3.1.0"
    assert document["components"]["securitySchemes"] == {"token": {"type": "http", "scheme": "bearer"}}


def test_every_way_into_the_api_is_in_it(app: Flask):
    document = app.test_client().get("/api/openapi.json").json

    described = {(path, method) for path, methods in document["paths"].items() for method in methods}
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/v1"):
            path = re.sub(r"<(?:id:)?(\w+)>", r"{\1}", rule.rule)
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                assert (path, method.lower()) in described


def test_every_operation_names_its_problems(app: Flask):
    document = app.test_client().get("/api/openapi.json").json

    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method != "parameters":
                assert operation["summary"], path
                assert "default" in operation["responses"], (path, method)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fits", "does-not-fit"])
def test_answers_are_as_described_whatever_is_asked(app: Flask, program: Program, mode: GenerationMode):
    document = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    for operation in (result.ok() for result in document.get_all_operations()):

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(
            derandomize=True,
            database=None,
            max_examples=EXAMPLES,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        )
        def ask(case: schemathesis.Case) -> None:
            # a request may fit the document and still not its workload: then it is refused, as bad input is
            headers = {"Authorization": f"Bearer {program.token}"}
            case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])

        ask()
