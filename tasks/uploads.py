"""Items from users: checked one by one at the border, kept in blocks, never whole in memory."""

import json
from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence
from json import JSONDecodeError
from typing import Any, BinaryIO

from sqlalchemy.orm import Session

from dynometer.errors import InvalidInput
from dynometer.workloads import find
from dynometer.workloads.workload import Workload
from settings import Settings
from store import quotas, uploads
from store.database import Database
from store.models import Upload
from tasks.quotas import admit_stored
from tasks.run import dumps

BLOCK_ITEMS = 1000
BLOCK_BYTES = 256_000
LINE_BYTES = 65_536
COMMIT_BLOCKS = 20  # a long upload must not hold SQLite's one writer


def receive(
    database: Database, owner_id: int, workload_key: str, name: str, stream: BinaryIO, settings: Settings,
    *, is_json_lines: bool,
) -> Upload:  # fmt: skip
    """Read lines from `stream`, check each, keep them.

    Memory is bounded by a few blocks, whatever the size.  Raises InvalidInput that names the first bad line by its
    number, OverQuota when it outgrows what its owner may store; then nothing is kept.
    """
    workload = find(workload_key)
    items = _checked(workload, _read(_lines(stream, settings), is_json_lines), settings)
    with database.writing() as session:
        upload = uploads.begin_upload(session, owner_id, workload.key, name[:200])
    try:
        total = _keep(database, upload, items, settings)
        if total == 0:
            raise InvalidInput("The file has no items: every line is empty.")
    except BaseException:
        with database.writing() as session:
            uploads.drop_upload(session, upload.id)
        raise
    with database.writing() as session:
        uploads.complete_upload(session, upload.id, total)
    upload.items, upload.is_complete = total, True
    return upload


def keep_items(
    session: Session, owner_id: int, workload: Workload, inputs: Sequence[Any], settings: Settings
) -> Upload:
    """A short list of items from a request, kept in the caller's transaction, which holds the owner's row.

    Raises InvalidInput that names the first bad item by its place, from 1; OverQuota.
    """
    if not isinstance(inputs, list | tuple) or not inputs:
        raise InvalidInput("inputs must be a list with at least one item.", fields={"inputs": "must have an item"})
    named = ((f"Item {place}", item) for place, item in enumerate(inputs, start=1))
    upload = uploads.begin_upload(session, owner_id, workload.key, "items of the request")
    total = 0
    for block in _blocks(_checked(workload, named, settings)):
        uploads.add_block(session, upload.id, total, block)
        total += len(block)
    admit_stored(session, owner_id, settings)
    upload.items, upload.is_complete = total, True
    return upload


def _keep(database: Database, upload: Upload, items: Iterator[str], settings: Settings) -> int:
    total, blocks = 0, _blocks(items)
    while True:
        # blocks are drawn before the transaction begins: parsing must not hold it open
        batch = [block for _, block in zip(range(COMMIT_BLOCKS), blocks, strict=False)]
        if not batch:
            return total
        with database.writing() as session:
            quotas.hold_owner(session, upload.owner_id)  # two uploads at once must not both fit into the same rest
            for block in batch:
                uploads.add_block(session, upload.id, total, block)
                total += len(block)
            admit_stored(session, upload.owner_id, settings)


def _blocks(items: Iterator[str]) -> Iterator[list[str]]:
    block: list[str] = []
    size = 0
    for item in items:
        block.append(item)
        size += len(item)
        if len(block) == BLOCK_ITEMS or size >= BLOCK_BYTES:
            yield block
            block, size = [], 0
    if block:
        yield block


def _lines(stream: BinaryIO, settings: Settings) -> Iterator[tuple[int, bytes]]:
    """(number from 1, line without its end)."""
    number = total = 0
    while line := stream.readline(LINE_BYTES + 2):
        number += 1
        total += len(line)
        if total > settings.upload_max_bytes:
            raise InvalidInput(f"The file is over {settings.upload_max_bytes:,} bytes, the most that is taken.")
        text = line.rstrip(b"\r\n")
        if len(text) > LINE_BYTES:
            raise InvalidInput(f"Line {number} is over {LINE_BYTES:,} bytes; one line is one item.")
        yield number, text


def _read(lines: Iterator[tuple[int, bytes]], is_json_lines: bool) -> Iterator[tuple[str, Any]]:
    """(the line's name, the item as sent); empty lines are no items."""
    for number, line in lines:
        if number == 1:
            line = line.removeprefix(BOM_UTF8)
        if not line.strip():
            continue
        if b"\0" in line:
            raise InvalidInput(f"Line {number} has a zero byte: this is not a text file.")
        try:
            text = line.decode()
        except UnicodeDecodeError as error:
            raise InvalidInput(f"Line {number} is not UTF-8 text (byte {error.start + 1} of the line).") from None
        yield f"Line {number}", _from_json(number, text) if is_json_lines else text


def _from_json(number: int, text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except JSONDecodeError as error:
        said = f"{error.msg} at character {error.pos + 1}"
    except RecursionError:
        said = "it is nested too deep"
    except ValueError as error:  # NaN, or more digits than Python reads
        said = str(error)
    raise InvalidInput(f"Line {number} is not JSON: {said}.")


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} has no place in JSON")


def _checked(workload: Workload, named: Iterator[tuple[str, Any]], settings: Settings) -> Iterator[str]:
    """Each item as the workload reads it, as JSON."""
    if workload.read_item is None:
        raise InvalidInput(f"{workload.title} makes its own items and takes none.", fields={"inputs": "can't be given"})
    most = min(settings.upload_max_items, workload.max_items)
    for count, (name, item) in enumerate(named, start=1):
        if count > most:
            raise InvalidInput(f"There are more than {most:,} items, the most that is taken.")
        try:
            yield dumps(workload.read_item(item))
        except (InvalidInput, ValueError) as error:  # ValueError: 1e999 is JSON, but the infinity it means is not
            raise InvalidInput(f"{name} does not fit: {error}", fields={"inputs": f"{name}: {error}"}) from None
