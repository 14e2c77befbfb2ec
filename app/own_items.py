"""Items of a user's own on their way in: from a file, from pasted lines, or as received before."""

import io
from typing import Any, BinaryIO, cast

from flask import Request

from dynometer.errors import InvalidInput
from settings import Settings
from store.database import Database
from store.models import Upload
from store.uploads import upload_of
from tasks.uploads import receive

PASTED = "pasted lines"
MISSING = {
    "file": "choose a file", "pasted": "paste at least one line", "own": "choose a file, or paste lines below",
}  # fmt: skip
LONGEST_NAME = 200
LONGEST_QUOTE = 40  # characters of a bad line that an error repeats


class LastLine:
    """A stream that remembers the line it gave last: whoever reads stops at the first one that is bad."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.line = b""

    def readline(self, size: int = -1) -> bytes:
        self.line = self._stream.readline(size)
        return self.line

    def quoted(self) -> str:
        """The start of it, printable."""
        text = self.line.decode("utf-8", "replace").lstrip("\ufeff").strip()
        shown = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
        return f"“{shown[:LONGEST_QUOTE]}{'…' if len(shown) > LONGEST_QUOTE else ''}”"


def take(database: Database, owner_id: int, workload: str, name: str, stream: Any, settings: Settings) -> Upload:
    """Keep the items in `stream`.  Raises InvalidInput that names the first bad line and says how it begins."""
    lines = LastLine(stream)
    try:
        return receive(
            database, owner_id, workload, name, cast(BinaryIO, lines), settings, is_json_lines=is_json_lines(name)
        )
    except InvalidInput as error:
        if not str(error).startswith("Line "):
            raise
        beginning = f"; it begins with {lines.quoted()}"
        fields = {field: words + beginning for field, words in error.fields.items()}
        raise InvalidInput(f"{str(error).rstrip('.')}{beginning}.", fields=fields, hint=error.hint) from None


def items_in(
    request: Request, workload: str, kept: Upload | None, database: Database, owner_id: int, settings: Settings
) -> Upload:
    """The file, the pasted lines, or those `kept`.  Raises InvalidInput naming the field, and in it the bad line."""
    chosen = request.form.get("source")  # what was typed under the other choice, out of sight by now, is not meant
    name = "" if chosen == "pasted" else file_name(request)
    lines = "" if chosen == "file" else request.form.get("lines", "")
    if name and lines.strip():
        raise InvalidInput("There are two sources of items.", fields={"lines": "must be empty when a file is chosen"})
    if name:
        source, stream = "file", cast(Any, request.files["file"].stream)
    elif lines.strip():
        source, stream, name = "lines", io.BytesIO(lines.encode("utf-8", "replace")), PASTED
    elif kept and chosen != "pasted":
        return kept
    else:
        raise InvalidInput("There are no items yet.", fields={"inputs": MISSING.get(chosen or "", MISSING["own"])})
    try:
        return take(database, owner_id, workload, name, stream, settings)
    except InvalidInput as error:
        raise InvalidInput("These items can't be taken.", fields={source: str(error)}, hint=error.hint) from error


def file_name(request: Request) -> str:
    """What the user calls the file they chose; empty for none.  Only shown, never a path."""
    name = request.files["file"].filename if "file" in request.files else ""
    return (name or "").replace("\\", "/").rsplit("/", 1)[-1][:LONGEST_NAME]


def is_json_lines(name: str) -> bool:
    """Whether a file of that name holds one JSON value per line."""
    return name.lower().endswith((".jsonl", ".ndjson"))


def kept_before(upload_id: str, workload: str, database: Database, owner_id: int) -> Upload | None:
    """The upload of an earlier try of the form."""
    if upload_id.isascii() and upload_id.isdigit() and len(upload_id) < 19:
        with database.reading() as session:
            upload = upload_of(session, int(upload_id), owner_id)
        return upload if upload and upload.workload == workload else None
    return None
