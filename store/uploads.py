"""Items that users sent, in blocks of bounded size."""

import json
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from store.database import Database, now_s
from store.models import Job, Upload, UploadBlock


def begin_upload(session: Session, owner_id: int, workload: str, name: str) -> Upload:
    """An upload that has no items yet and can't be used until it is complete."""
    upload = Upload(owner_id=owner_id, workload=workload, name=name)
    session.add(upload)
    session.flush()
    return upload


def add_block(session: Session, upload_id: int, first_item: int, items: Sequence[str]) -> None:
    """Append `items`, each as JSON in one line; they are kept compressed."""
    lines = zlib.compress("\n".join(items).encode(), 1)
    row = {"upload_id": upload_id, "first_item": first_item, "lines": lines}
    session.connection().execute(insert(UploadBlock), row)
    grown = update(Upload).where(Upload.id == upload_id).values(stored_bytes=Upload.stored_bytes + len(lines))
    session.connection().execute(grown)


def complete_upload(session: Session, upload_id: int, items: int) -> None:
    """All items are there: the upload may be used."""
    session.execute(update(Upload).where(Upload.id == upload_id).values(items=items, is_complete=True))


def drop_upload(session: Session, upload_id: int) -> None:
    """Forget an upload and its blocks."""
    session.execute(delete(Upload).where(Upload.id == upload_id))


def upload_of(session: Session, upload_id: int, owner_id: int) -> Upload | None:
    """A complete upload of this owner."""
    upload = session.get(Upload, upload_id)
    return upload if upload and upload.owner_id == owner_id and upload.is_complete else None


def items_from(database: Database, upload_id: int, first_item: int) -> Iterator[Any]:
    """Items from `first_item` on; one block in memory at a time."""
    at = first_item
    while True:
        with database.reading() as session:
            block = session.execute(_block_with(upload_id, at)).first()
        if block is None:
            return
        items = zlib.decompress(block.lines).decode().split("\n")
        if at - block.first_item >= len(items):
            return
        for text in items[at - block.first_item :]:
            yield json.loads(text)
        at = block.first_item + len(items)


def _block_with(upload_id: int, item: int) -> Any:
    return (
        select(UploadBlock.first_item, UploadBlock.lines)
        .where(UploadBlock.upload_id == upload_id, UploadBlock.first_item <= item)
        .order_by(UploadBlock.first_item.desc())
        .limit(1)
    )


def prune_uploads(session: Session, older_than_s: float) -> int:
    """Drop uploads of that age which no job uses; how many went."""
    used = select(Job.upload_id).where(Job.upload_id.is_not(None))
    unused = delete(Upload).where(Upload.created_at < now_s() - older_than_s, Upload.id.not_in(used))
    return session.connection().execute(unused).rowcount
