"""What programs send by mistake or on purpose: each gets one clear problem, never a stack trace."""

import json
from io import BytesIO

import pytest
from flask import Flask

from tests.app.conftest import Program, program_of

JOBS = "/api/v1/jobs"
JSON = {"Content-Type": "application/json"}


def send(program: Program, body: bytes, content_type: str = "application/json"):
    return program.post(JOBS, data=body, headers={"Content-Type": content_type})


@pytest.mark.parametrize(
    ("change", "pointer", "words"),
    [
        ({"items": 0}, "/items", "must be from 1 to 1,000,000,000"),
        ({"workload": "mandelbrot", "items": 0}, "/items", "must be from 1 to 65,536"),
        ({"items": 10**13}, "/items", "must be from 1 to"),
        ({"items": -1}, "/items", "must be"),
        ({"items": "12"}, "/items", "must be a whole number"),
        ({"items": 1.5}, "/items", "must be a whole number"),
        ({"items": True}, "/items", "must be a whole number"),
        ({"items": 10**400}, "/items", "must be"),
        ({"workload": 7}, "/workload", "must be text"),
        ({"workload": None}, "/workload", "null"),
        ({"variant": "rust"}, "/variant", "must be one of"),
        ({"variant": []}, "/variant", "must be text"),
        ({"max_workers": 0}, "/max_workers", "must be"),
        ({"parameters": {"numbers": 0}}, "/parameters/numbers", "must be at least 1"),
        ({"parameters": {"numbers": 10**9}}, "/parameters/numbers", "must be at most"),
        ({"parameters": {"numbers": "many"}}, "/parameters/numbers", "must be a whole number"),
        ({"parameters": {"numbers": [1]}}, "/parameters/numbers", "got a list"),
        ({"parameters": {"numbers": None}}, "/parameters/numbers", "got nothing"),
        ({"parameters": {"nombers": 1}}, "/parameters/nombers", "is not a parameter"),
        ({"parameters": {"a/b~c": 1}}, "/parameters/a~1b~0c", "is not a parameter"),
        ({"parameters": []}, "/parameters", "must be an object of names and values"),
        ({"inputs": "12"}, "/inputs", "list"),
        ({"inputs": [], "items": None}, "/items", "null"),
        ({"upload_id": -1}, "/upload_id", "must be"),
        ({"surprise": 1}, "/surprise", "there is no such field"),
        ({"inputs": [12]}, "/inputs", "can't be given: Random sum makes its own items"),
        ({"inputs": [12], "upload_id": 1}, "/upload_id", "together with inputs"),
        ({"workload": "factorise", "inputs": []}, "/inputs", "must have an item"),
        ({"items": 3, "inputs": [1]}, "/items", "together"),
    ],
)
def test_the_wrong_field_is_named(program: Program, change: dict[str, object], pointer: str, words: str):
    answer = program.post(JOBS, json={"workload": "random-sum"} | change)

    assert answer.status_code == 422, answer.text
    assert answer.mimetype == "application/problem+json"
    problem = answer.json
    assert (problem["type"], problem["status"]) == ("/problems/invalid-input", 422)
    assert problem["request_id"] == answer.headers["X-Request-ID"]
    assert words in {error["pointer"]: error["detail"] for error in problem["errors"]}[pointer]


def test_every_wrong_field_is_named_at_once(program: Program):
    answer = program.post(JOBS, json={"workload": "random-sum", "items": -1, "max_workers": "x", "surprise": 1})

    assert [error["pointer"] for error in answer.json["errors"]] == ["/items", "/max_workers", "/surprise"]
    assert answer.json["detail"] == (
        "The request does not fit: items must be from 1 to 1,000,000,000; max_workers must be a whole number; "
        "surprise: there is no such field."
    )


@pytest.mark.parametrize(
    ("request_", "pointers"),
    [
        (
            {"workload": "mandelbrot", "items": 9, "max_workers": 0, "variant": "rust", "parameters": {"tiles": 5}},
            ["/max_workers", "/parameters/tiles", "/variant"],
        ),
        (
            {"workload": "mandelbrot", "items": "9", "parameters": {"tiles": 5, "width": 1}},  # 5 may be the number
            ["/items", "/parameters/width"],
        ),
        (
            {"workload": "random-sum", "items": 10**12, "chunk_items": -1, "parameters": {"numbers": 0, "x": 1}},
            ["/chunk_items", "/items", "/parameters/numbers", "/parameters/x"],
        ),
        ({"workload": "factorise", "inputs": [12, "x"], "max_workers": 0}, ["/inputs", "/max_workers"]),
        ({"workload": "randomsum", "items": "x"}, ["/items", "/workload"]),
        ({"items": 0, "variant": 7}, ["/items", "/variant", "/workload"]),
    ],
)
def test_what_only_the_workload_knows_is_named_beside_what_can_not_be_read(
    program: Program, request_: dict[str, object], pointers: list[str]
):
    answer = program.post(JOBS, json=request_)

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json["errors"]] == pointers


def test_a_body_that_is_none_has_the_pointer_of_the_whole(program: Program):
    assert [error["pointer"] for error in send(program, b"[]").json["errors"]] == [""]


def test_a_missing_field_is_missing(program: Program):
    assert program.post(JOBS, json={}).json["detail"] == "The request does not fit: workload is missing."


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"", 400, "is not JSON"),
        (b"workload=random-sum", 400, "is not JSON"),
        (b'{"workload": "random-sum"', 400, "is not JSON"),
        (b"\xff\xfe\x00", 400, "is not JSON"),
        (b'{"workload": "random-sum", "items": NaN}', 400, "NaN is no number in JSON"),
        (b'{"workload": "random-sum", "parameters": {"numbers": -Infinity}}', 400, "is no number in JSON"),
        (b"[" * 100_000, 400, "nested too deep"),
        (b'{"inputs":' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400, "nested too deep"),
        (b'{"workload": "\\ud800"}', 400, "surrogate"),
        (b'{"items": ' + b"9" * 5000 + b"}", 400, "is not JSON"),
        (b"[]", 422, "the body must be an object"),
        (b"7", 422, "the body must be an object"),
        (b"null", 422, "the body must be an object"),
    ],
)
def test_a_body_that_is_no_request(program: Program, body: bytes, status: int, words: str):
    answer = send(program, body)

    assert answer.status_code == status
    assert words in answer.json["detail"].lower() or words in answer.json["detail"]
    assert "Traceback" not in answer.text


def test_a_field_given_twice_is_read_as_json_does(program: Program):
    assert send(program, b'{"workload": "wait", "items": 1, "items": 2}').json["items_total"] == 2


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_another_content_type_is_refused(program: Program, content_type: str):
    answer = send(program, b'{"workload": "wait"}', content_type)

    assert answer.status_code == 415
    assert "Content-Type: application/json" in answer.json["detail"]


def test_an_unknown_workload_is_named_with_the_nearest(program: Program):
    answer = program.post(JOBS, json={"workload": "randomsum"})

    assert answer.status_code == 404
    assert "Did you mean random-sum?" in answer.json["detail"]


def test_a_zero_byte_is_no_workload(program: Program):
    assert program.post(JOBS, json={"workload": "a\0b"}).status_code == 404


def test_too_large_a_body_is_refused_unread(program: Program):
    answer = send(program, b"[" + b" " * 2_000_000 + b"]")

    assert answer.status_code == 413
    assert "The limit is 1,000,000 bytes." in answer.json["detail"]


def test_too_large_a_body_in_chunks_is_refused_too(program: Program):
    answer = program.post(
        JOBS,
        headers=JSON,
        input_stream=BytesIO(b'{"workload": "wait"}' + b" " * 2_000_000),
        environ_overrides={"wsgi.input_terminated": True},
    )

    assert answer.status_code == 413


def test_five_gigabytes_are_refused_by_their_announcement(program: Program):
    answer = program.post(
        "/api/v1/uploads?workload=factorise",
        environ_overrides={"CONTENT_LENGTH": str(5 * 10**9), "wsgi.input": Unread()},
    )

    assert answer.status_code == 413
    assert "The limit is 100,000,000 bytes." in answer.json["detail"]


class Unread(BytesIO):
    """A body that nobody may read."""

    def read(self, size: int | None = -1) -> bytes:
        raise AssertionError("it was read")


@pytest.mark.parametrize(
    ("query", "data", "words"),
    [
        ("workload=factorise", b"12\n15\n1x\n", "Line 3"),
        ("workload=factorise", b"12\n\x00\n", "Line 2 has a zero byte"),
        ("workload=factorise", b"\xff\n", "Line 1 is not UTF-8"),
        ("workload=factorise&name=n.jsonl", b"12\nNaN\n", "Line 2 is not JSON"),
        ("workload=factorise", b"", "no items"),
        ("workload=mandelbrot", b"1\n", "takes none"),
        ("name=x.txt", b"1\n", "workload"),
        ("workload=factorise&name=%00", b"1\n", "control characters"),
        ("workload=factorise&name=" + "x" * 201, b"1\n", "must have 1 to 200 characters"),
    ],
)
def test_a_bad_upload_is_named_and_not_kept(program: Program, query: str, data: bytes, words: str):
    answer = program.post(f"/api/v1/uploads?{query}", data=data)

    assert answer.status_code == 422
    assert words in answer.json["detail"]


def test_a_bad_line_of_an_upload_is_quoted(program: Program):
    problem = program.post("/api/v1/uploads?workload=factorise", data=b"\xef\xbb\xbf12\n\n1x2\n").json

    assert problem["detail"].endswith("it begins with “1x2”.")
    assert problem["errors"][0]["detail"].startswith("Line 3: must be a whole number")


def test_an_upload_for_an_unknown_workload(program: Program):
    assert program.post("/api/v1/uploads?workload=nothing", data=b"1\n").status_code == 404


def test_somebody_elses_upload_is_not_there(app: Flask, program: Program):
    upload_id = program.post("/api/v1/uploads?workload=factorise", data=b"12\n").json["id"]

    answer = program_of(app, "admin").post(JOBS, json={"workload": "factorise", "upload_id": upload_id})

    assert answer.status_code == 404


def test_an_upload_for_another_workload(program: Program):
    upload_id = program.post("/api/v1/uploads?workload=factorise", data=b"12\n").json["id"]

    answer = program.post(JOBS, json={"workload": "word-count", "upload_id": upload_id})

    assert "was checked for factorise" in answer.json["errors"][0]["detail"]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=x", "cursor=0", "cursor=-1", "cursor=99999999999999999999", "page=2"]
)
def test_a_bad_page_is_named(program: Program, query: str):
    answer = program.get(f"{JOBS}?{query}")

    assert answer.status_code == 422
    assert query.split("=")[0] in answer.json["detail"]


@pytest.mark.parametrize("path", ["/api/v1/jobs/99999999999999999999999", "/api/v1/jobs/x", "/api/v2/jobs", "/api/"])
def test_what_is_not_there_is_a_problem_too(program: Program, path: str):
    answer = program.get(path)

    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"


def test_a_wrong_method_names_the_right_ones(program: Program):
    answer = program.put(JOBS)

    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_every_problem_type_leads_to_a_page(app: Flask, program: Program):
    problem = program.post(JOBS, json={}).json

    page = app.test_client().get(problem["type"])

    assert page.status_code == 200
    assert problem["title"] in page.text


def test_deep_nesting_within_bounds_is_an_item_like_any_other(program: Program):
    body = json.dumps({"workload": "factorise", "inputs": [[[[[1]]]]]}).encode()

    assert send(program, body).status_code == 422
