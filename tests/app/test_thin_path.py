"""From the overview to a queued job, and the same by the API."""

from tests.app.conftest import Browser, Program


def test_a_person_starts_a_job(runner: Browser):
    runner.get("/jobs/new?workload=random-sum")

    page = runner.post("/jobs/new?workload=random-sum", {"items": "12", "parameters.numbers": "1000"}, follow=True)

    assert page.status_code == 200
    assert "0 of 12 items" in page.text
    assert "queued" in runner.get("/jobs").text


def test_a_program_starts_a_job(program: Program):
    answer = program.post("/api/v1/jobs", json={"workload": "random-sum", "items": 12})

    assert answer.status_code == 202
    assert program.get(answer.location).json["items_total"] == 12
