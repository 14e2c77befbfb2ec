"""Starting a job from the page: nothing typed is lost, every mistake is named where it can be mended."""

import io
import re

import pytest
from flask import Flask

from dynometer.workloads import all_workloads
from dynometer.workloads.parameters import declared
from tests.app.conftest import Browser, job_of, signed_in

FACTORISE = "/jobs/new?workload=factorise"


def text_file(text: str | bytes, name: str = "numbers.txt") -> tuple[io.BytesIO, str]:
    return io.BytesIO(text.encode() if isinstance(text, str) else text), name


@pytest.mark.parametrize("key", all_workloads())
def test_the_form_has_every_parameter_with_its_default_and_help(runner: Browser, key: str):
    page = runner.get(f"/jobs/new?workload={key}").text

    for parameter in declared(all_workloads()[key].parameters):
        assert f'name="parameters.{parameter.name}"' in page
        assert parameter.help.replace("'", "&#39;") in page
        assert f'value="{parameter.default}"' in page or f"<option selected>{parameter.default}</option>" in page


def test_a_person_starts_a_job(app: Flask):
    browser = signed_in(app, "runner")
    browser.get("/jobs/new?workload=random-sum")

    page = browser.post("/jobs/new?workload=random-sum", {"items": "12", "parameters.numbers": "1000"}, follow=True)

    assert "0 of 12 items" in page.text
    assert "waits for a free worker" in page.text
    assert "queued" in browser.get("/jobs").text


def test_what_was_typed_comes_back_with_each_mistake_beside_its_field(each_app: Flask):
    browser = signed_in(each_app, "runner")
    browser.get("/jobs/new?workload=mandelbrot")
    typed = {
        "parameters.width": "5",
        "parameters.span": "wide",
        "parameters.height": "800",
        "items": "9",
        "max_workers": "2",
    }

    page = browser.post("/jobs/new?workload=mandelbrot", typed | {"variant": "numpy"})

    assert page.status_code == 422
    assert field_error(page.text, "parameters.width") == "must be at least 16, got 5"
    assert field_error(page.text, "parameters.span") == "must be a number"
    for name, value in typed.items():
        assert f'name="{name}" value="{value}"' in " ".join(page.text.split()).replace(' inputmode="numeric"', ""), name
    assert "<option selected>numpy</option>" in page.text
    assert 'href="#parameters.width"' in page.text
    assert "autofocus" in page.text


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("items", "0", "must be from 1 to"),
        ("items", "10000000000000", "must be from 1 to"),
        ("items", "a few", "must be a whole number"),
        ("items", "1.5", "must be a whole number"),
        ("items", "9" * 5000, "must be a whole number of at most 40 characters"),
        ("max_workers", "0", "must be from 1 to 10,000"),
        ("max_workers", "-3", "must be from 1 to 10,000"),
        ("variant", "rust", "must be one of"),
        ("parameters.numbers", "", "must be a whole number"),
        ("parameters.numbers", "NaN", "must be a whole number"),
        ("parameters.numbers", "<script>alert(1)</script>", "must be a whole number"),
    ],
)
def test_bad_input_is_named(runner: Browser, name: str, typed: str, sentence: str):
    runner.get("/jobs/new?workload=random-sum")

    page = runner.post("/jobs/new?workload=random-sum", {name: typed})

    assert page.status_code == 422
    assert sentence in field_error(page.text, name)
    assert "<script>alert" not in page.text


def test_a_file_becomes_a_job(each_app: Flask):
    browser = signed_in(each_app, "runner")
    browser.get(FACTORISE)

    page = browser.post(FACTORISE, {"source": "own", "file": text_file("12\n15\n\n21\n")}, follow=True)

    assert "0 of 3 items" in page.text


def test_a_received_file_is_kept_when_something_else_is_wrong(runner: Browser):
    runner.get(FACTORISE)
    page = runner.post(FACTORISE, {"source": "own", "file": text_file("12\n15\n"), "max_workers": "many"})

    assert page.status_code == 422
    assert "<strong>numbers.txt</strong>, 2 items, kept." in page.text

    kept = re.search(r'name="upload_id" value="(\d+)"', page.text)
    assert kept is not None
    page = runner.post(FACTORISE, {"source": "own", "upload_id": kept[1], "max_workers": ""}, follow=True)

    assert "0 of 2 items" in page.text


def test_a_bad_file_does_not_push_out_the_one_kept(runner: Browser):
    runner.get(FACTORISE)
    page = runner.post(FACTORISE, {"source": "own", "file": text_file("12\n"), "max_workers": "many"})
    kept = re.search(r'name="upload_id" value="(\d+)"', page.text)
    assert kept is not None

    page = runner.post(FACTORISE, {"source": "own", "upload_id": kept[1], "file": text_file("twelve\n", "other.txt")})

    assert "<strong>numbers.txt</strong>, 1 item, kept." in page.text
    assert "Line 1 does not fit" in field_error(page.text, "file")


def test_somebody_elses_upload_is_not_there(app: Flask, runner: Browser):
    runner.get(FACTORISE)
    page = runner.post(FACTORISE, {"source": "own", "file": text_file("12\n"), "max_workers": "many"})
    kept = re.search(r'name="upload_id" value="(\d+)"', page.text)
    assert kept is not None
    stranger = signed_in(app, "runner")
    stranger.get(FACTORISE)

    page = stranger.post(FACTORISE, {"source": "own", "upload_id": kept[1]})

    assert field_error(page.text, "file") == "choose a file, or paste lines below"


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (text_file("12\n15\nabc\n21\n"), "Line 3 does not fit"),
        (text_file(b"12\n\xff\xfe\n"), "Line 2 is not UTF-8 text"),
        (text_file(b"\x7fELF\x00\x01\n"), "zero byte"),
        (text_file("12\n{\n", "numbers.jsonl"), "Line 2 is not JSON"),
        (text_file("[" * 60_000 + "\n", "numbers.jsonl"), "Line 1 is not JSON"),
        (text_file("\n\n"), "no items"),
        (text_file("9" * 70_000 + "\n"), "Line 1 is over"),
    ],
)
def test_the_first_bad_line_of_a_file_is_named(runner: Browser, file: tuple[io.BytesIO, str], sentence: str):
    runner.get(FACTORISE)

    page = runner.post(FACTORISE, {"source": "own", "file": file, "parameters.seed": "77"})

    assert page.status_code == 422
    assert sentence in field_error(page.text, "file")
    assert 'value="77"' in page.text


@pytest.mark.parametrize(
    ("file", "quote"),
    [
        (text_file("12\n1x2\n"), "“1x2”"),
        (text_file("12\n" + "7" * 41 + "x\n"), "“" + "7" * 40 + "…”"),
        (text_file(b"12\na\x1b[31m\xff\n"), "“a\ufffd[31m\ufffd”"),
        (text_file("12\n<script>\n"), "“&lt;script&gt;”"),
        (text_file('12\n{"a": \n', "n.jsonl"), "“{&#34;a&#34;:”"),
    ],
)
def test_a_bad_line_is_quoted_as_far_as_it_helps(runner: Browser, file: tuple[io.BytesIO, str], quote: str):
    runner.get(FACTORISE)

    page = runner.post(FACTORISE, {"source": "own", "file": file})

    assert f"it begins with {quote}." in page.text


def test_everything_wrong_is_named_at_once(each_app: Flask):
    browser = signed_in(each_app, "runner")
    browser.get(FACTORISE)
    wrong = {"source": "own", "lines": "12\nx", "max_workers": "many", "variant": "rust"}

    page = browser.post(FACTORISE, wrong).text
    generated = browser.post(FACTORISE, {"items": "a few", "max_workers": "0", "parameters.hard_bits": "1"}).text

    assert "Line 2 does not fit" in field_error(page, "lines")
    assert field_error(page, "max_workers") == "must be a whole number"
    assert 'href="#variant"' in page
    assert "The job was not started; what you typed is kept." in page
    assert field_error(generated, "items") == "must be a whole number"
    assert field_error(generated, "max_workers") == "must be from 1 to 10,000"
    assert field_error(generated, "parameters.hard_bits") == "must be at least 16, got 1"


def test_what_only_shapes_generated_items_is_neither_shown_nor_read_for_own_ones(runner: Browser):
    form = runner.get("/jobs/new?workload=wait").text
    page = runner.post(
        "/jobs/new?workload=wait", {"source": "own", "lines": "0", "parameters.seconds": "long ago"}, follow=True
    )

    assert '<fieldset class="card for-generated">' in form  # all of its parameters
    assert '<fieldset class="card for-generated">' not in runner.get("/jobs/new?workload=password-hash").text
    assert page.status_code == 200
    assert "0 of 1 item" in page.text


def test_pasted_lines_become_a_job_and_come_back_on_a_mistake(runner: Browser):
    runner.get(FACTORISE)
    page = runner.post(FACTORISE, {"source": "own", "lines": "12\r\nx\r\n"})
    assert "Line 2 does not fit" in field_error(page.text, "lines")
    assert re.search(r"<textarea[^>]*>12\r?\nx", page.text)

    page = runner.post(FACTORISE, {"source": "own", "lines": "12\r\n15\r\n"}, follow=True)

    assert "0 of 2 items" in page.text


def test_a_file_and_pasted_lines_are_one_too_many(runner: Browser):
    runner.get(FACTORISE)

    page = runner.post(FACTORISE, {"source": "own", "lines": "12", "file": text_file("15")})

    assert field_error(page.text, "lines") == "must be empty when a file is chosen"


def test_own_items_without_any_are_asked_for(runner: Browser):
    runner.get(FACTORISE)

    page = runner.post(FACTORISE, {"source": "own", "lines": "  "})

    assert field_error(page.text, "file") == "choose a file, or paste lines below"


def test_a_file_name_is_only_shown(runner: Browser):
    runner.get(FACTORISE)

    page = runner.post(FACTORISE, {"source": "own", "file": text_file("12", "../../<b>.txt"), "max_workers": "many"})

    assert "<strong>&lt;b&gt;.txt</strong>" in page.text


def test_too_large_a_file_is_refused_before_it_is_read(make_app, make_database):
    browser = signed_in(make_app(make_database("sqlite"), upload_max_bytes=1000, body_max_bytes=1000), "runner")
    browser.get(FACTORISE)

    page = browser.post(FACTORISE, {"source": "own", "file": text_file("12\n" * 1000)})

    assert page.status_code == 413
    assert "The limit is 2,000 bytes." in page.text
    assert "Nothing was changed" in page.text


def test_an_unknown_workload_has_no_form(runner: Browser):
    page = runner.get("/jobs/new?workload=mandelbrod")

    assert page.status_code == 404
    assert "Did you mean mandelbrot?" in page.text


def test_without_a_workload_one_is_chosen_first(runner: Browser):
    assert runner.get("/jobs/new").location == "/workloads"


def test_a_link_may_fill_in_the_form(runner: Browser):
    page = runner.get("/jobs/new?workload=mandelbrot&variant=numpy&parameters.width=640").text

    assert "<option selected>numpy</option>" in page
    assert 'value="640"' in page


def test_a_job_is_accepted_while_the_broker_is_away(make_app, make_database):
    app = make_app(make_database("sqlite"), broker_url="redis://127.0.0.1:1/0")
    browser = signed_in(app, "runner")
    browser.get("/jobs/new?workload=wait")

    answer = browser.post("/jobs/new?workload=wait", {"items": "3"})

    assert answer.status_code == 303
    assert "0 of 3 items" in browser.get(f"/jobs/{job_of(answer)}").text


def field_error(page: str, name: str) -> str:
    """What stands beside a field."""
    found = re.search(rf'<p class="wrong" id="{re.escape(name)}-wrong">(.*?)</p>', page)
    return found[1].replace("&#39;", "'") if found else ""
