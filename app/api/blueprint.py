"""How the API's parts read requests: strictly, with every wrong field named."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from flask import Request, abort
from flask_smorest import Blueprint  # type: ignore[import-untyped]
from marshmallow import RAISE, ValidationError
from webargs.flaskparser import FlaskParser, is_json_request
from werkzeug.exceptions import RequestEntityTooLarge

from dynometer.errors import InvalidInput
from dynometer.workloads.parameters import is_storable

DEPTH_MAX = 32
PROBLEM_JSON = "application/problem+json"


class StrictParser(FlaskParser):
    """JSON as RFC 8259 has it, and InvalidInput on everything that does not fit, unknown names too."""

    DEFAULT_UNKNOWN_BY_LOCATION = FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION | {"query": RAISE}

    def _raw_load_json(self, req: Request) -> Any:
        return read_json(json_body(req))

    def handle_error(self, error: ValidationError, req: Request, schema: Any, **kwargs: Any) -> NoReturn:
        fields = dict(sorted(flat(error.normalized_messages())))  # type: ignore[no-untyped-call]
        words = "; ".join(named(name, text) for name, text in fields.items())
        raise InvalidInput(f"The request does not fit: {words}.", fields=fields)


class ApiBlueprint(Blueprint):
    """A part of the API."""

    ARGUMENTS_PARSER = StrictParser()


def json_body(req: Request) -> bytes:
    """The whole body of what says that it is JSON; else answers 415 or 413."""
    if not is_json_request(req):
        abort(415, "The body must be JSON, with Content-Type: application/json.")
    body = req.get_data(cache=True)
    if req.content_length is None and len(body) >= (req.max_content_length or 0):
        raise RequestEntityTooLarge  # of a body sent in chunks, Werkzeug gives the first part without a word
    return body


def read_json(body: bytes) -> Any:
    """Answers 400 on what is no JSON, or nothing that a database could hold."""
    try:
        found = json.loads(body, parse_constant=refuse_constant)
    except RecursionError:
        abort(400, "The body is nested too deep.")
    except ValueError as error:  # of JSON, of UTF-8, of numbers with thousands of digits
        abort(400, f"The body is not JSON: {error}.")
    if body.count(b"[") + body.count(b"{") > DEPTH_MAX and is_deeper(found, DEPTH_MAX):
        abort(400, f"The body is nested deeper than {DEPTH_MAX} levels.")
    if b"\\u" in body and not is_storable(json.dumps(found, ensure_ascii=False)):
        abort(400, "The body has half of a surrogate pair, which no text has.")
    return found


def is_deeper(found: Any, levels: int) -> bool:
    """Whether lists and objects lie in one another more than `levels` deep; level by level, without recursion."""
    here = [found]
    for _ in range(levels):
        here = [inner for outer in here if isinstance(outer, (list, dict))
                for inner in (outer.values() if isinstance(outer, dict) else outer)]  # fmt: skip
    return any(isinstance(value, (list, dict)) for value in here)


def refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number in JSON")


def flat(messages: Mapping[Any, Any], above: str = "") -> Any:
    """Marshmallow's nested messages as (dotted name, sentence); the outermost key is where the data came from."""
    for name, inner in messages.items():
        path = str(name) if not above else f"{above}.{name}"
        if isinstance(inner, Mapping):
            yield from flat(inner, "" if not above and name in LOCATIONS else path)
        else:
            yield "" if path == "_schema" else path.removesuffix("._schema"), " ".join(map(sentence, inner))


def named(name: str, text: str) -> str:
    return f"{name}: {text}" if text == UNKNOWN else f"{name or 'the body'} {text}"


LOCATIONS = ("json", "query", "headers", "path")
UNKNOWN = "there is no such field"
WORDS = {  # marshmallow's own, and what we say in their place
    "Missing data for required field.": "is missing",
    "Unknown field.": UNKNOWN,
    "Field may not be null.": "must not be null",
    "Not a valid integer.": "must be a whole number",
    "Not a valid number.": "must be a number",
    "Not a valid string.": "must be text",
    "Not a valid boolean.": "must be true or false",
    "Not a valid list.": "must be a list",
    "Not a valid mapping type.": "must be an object of names and values",
    "Invalid input type.": "must be an object of names and values",
}


def sentence(message: Any) -> str:
    """The rest of a sentence that begins with the field's name."""
    text = WORDS.get(str(message)) or str(message).rstrip(".")
    return text if text.startswith("Item ") else text[:1].lower() + text[1:]
