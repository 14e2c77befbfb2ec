"""A result of the command line's as a sweep: from an uploaded file, in either form that it writes."""

import json

from flask import Request

from app.audit import note
from app.current import database, settings
from app.own_items import file_name
from dynometer.errors import InvalidInput
from dynometer.measure.result import SweepResult, loads
from dynometer.report.as_json import without_conclusions
from dynometer.workloads.parameters import is_storable
from tasks.sweeps import MAX_NAME, import_result

NOT_A_FILE = "choose a file that `--out` or `--json` wrote"


def import_from(request: Request, owner_id: int) -> int:
    """The number of the new sweep.  Raises InvalidInput that names the field, and OverQuota."""
    name = file_name(request)
    if not name:
        raise InvalidInput("No file was chosen; nothing was kept.", fields={"file": NOT_A_FILE})
    try:
        result = result_in(request.files["file"].stream.read(), "The file")
    except InvalidInput as error:
        raise InvalidInput(str(error), fields={"file": f"{error} {error.hint}".strip()}, hint=error.hint) from None
    return bring_in(result, given_name(request, name), owner_id)


def bring_in(result: SweepResult, name: str, owner_id: int) -> int:
    with database().writing() as session:
        sweep = import_result(session, owner_id, result, name, settings())
        note(session, "sweep-imported", f"sweep {sweep.id}", detail={"workload": sweep.workload})
        return sweep.id


def result_in(body: bytes, name: str) -> SweepResult:
    """A result as `--out` writes it, or the report around it of `--json`.  Raises InvalidInput."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput(f"{name} is not JSON: it is not UTF-8.") from None
    if not is_storable(text):
        raise InvalidInput(f"{name} is not JSON: it holds NUL.")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return loads(text, name)  # says what is wrong with it
    if isinstance(data, dict) and "report_format" in data:
        text = json.dumps(without_conclusions(data))
    return loads(text, name)


def given_name(request: Request, file: str) -> str:
    """What the form says, else the file's name without its ending."""
    name = " ".join(request.form.get("name", "").split()) or file.removesuffix(".json")
    return "".join(letter for letter in name if letter.isprintable())[:MAX_NAME]
