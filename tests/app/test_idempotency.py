"""The same Idempotency-Key twice: one job."""

import pytest
from flask import Flask

from tests.app.conftest import Program, job_of, program_of

JOBS = "/api/v1/jobs"
BODY = {"workload": "wait", "items": 2}


@pytest.fixture
def alone(each_app: Flask) -> Program:
    """A program of somebody with no job yet, on each database."""
    return program_of(each_app, "runner")


def test_the_same_key_and_body_get_the_same_job(alone: Program):
    first, second = (alone.post(JOBS, json=BODY, headers={"Idempotency-Key": "k-1"}) for _ in range(2))

    assert (first.status_code, second.status_code) == (202, 202)
    assert job_of(first) == job_of(second)
    assert len(alone.get(JOBS).json) == 1


def test_the_same_key_with_another_body_is_refused(alone: Program):
    alone.post(JOBS, json=BODY, headers={"Idempotency-Key": "k-1"})

    answer = alone.post(JOBS, json=BODY | {"items": 3}, headers={"Idempotency-Key": "k-1"})

    assert answer.status_code == 422
    assert "This Idempotency-Key was used for another request" in answer.json["detail"]
    assert len(alone.get(JOBS).json) == 1


def test_keys_belong_to_their_owner(alone: Program):
    other = program_of(alone.client.application, "runner")  # type: ignore[arg-type]
    first = alone.post(JOBS, json=BODY, headers={"Idempotency-Key": "k-1"})

    second = other.post(JOBS, json=BODY | {"items": 3}, headers={"Idempotency-Key": "k-1"})

    assert second.status_code == 202
    assert job_of(first) != job_of(second)


def test_a_refused_request_does_not_use_up_its_key(alone: Program):
    alone.post(JOBS, json=BODY | {"items": 0}, headers={"Idempotency-Key": "k-1"})

    assert alone.post(JOBS, json=BODY, headers={"Idempotency-Key": "k-1"}).status_code == 202


@pytest.mark.parametrize("key", ["x" * 201, "a\tb"])
def test_a_key_has_a_form(program: Program, key: str):
    answer = program.post(JOBS, json=BODY, headers={"Idempotency-Key": key})

    assert answer.status_code == 422
    assert "Idempotency-Key" in answer.json["detail"]
