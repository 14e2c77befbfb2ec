"""Users' items at the border: checked one by one; the first bad line is named, and nothing is kept of its file."""

import json
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from sqlalchemy import func, select

from dynometer.errors import InvalidInput
from settings import Settings
from store import quotas, uploads
from store.database import Database
from store.models import Upload, UploadBlock
from tasks.uploads import BLOCK_ITEMS, LINE_BYTES, receive
from tests.engine.hand import Hand

Keep = Callable[..., list[Any]]


@pytest.fixture
def keep(hand: Hand, owner: int, settings: Settings) -> Keep:
    """`keep(content)`: receive it as a file and return its items as a job would read them."""

    def keep(content: bytes, *, workload: str = "factorise", is_json_lines: bool = False, **limits: Any) -> list[Any]:
        with_limits = replace(settings, **limits)
        upload = receive(hand.database, owner, workload, "a file", BytesIO(content), with_limits,
                         is_json_lines=is_json_lines)  # fmt: skip
        assert upload.is_complete
        items = list(uploads.items_from(hand.database, upload.id, 0))
        assert upload.items == len(items)
        return items

    return keep


def rows(database: Database, table: type[Any]) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.parametrize(
    ("content", "items"),
    [
        (b"6\n35\n", [6, 35]),
        (b"6\n35", [6, 35]),
        (b"6\r\n35\r\n", [6, 35]),
        (b"\n\n6\n \t \n35\n\n", [6, 35]),
        (b"\xef\xbb\xbf6\n35\n", [6, 35]),
        (b"\xef\xbb\xbf\n6\n", [6]),
        (b"  6  \n", [6]),
    ],
)
def test_lines_become_items(keep: Keep, content: bytes, items: list[int]) -> None:
    assert keep(content) == items


@pytest.mark.parametrize(("content", "items"), [(b'6\n"35"\n3.5e1\n', [6, 35, 35]), (b"6\r\n\r\n7", [6, 7])])
def test_json_lines_become_items(keep: Keep, content: bytes, items: list[int]) -> None:
    assert keep(content, is_json_lines=True) == items


def test_text_lines_keep_their_characters(keep: Keep) -> None:
    lines = ["Grüße", "a\tb", "\N{LINE SEPARATOR}", "नमस्ते", 'quote " and \\ backslash']

    assert keep("\n".join(lines).encode(), workload="word-count") == lines


BAD: list[tuple[bytes, bool, str]] = [
    (b"6\nseven\n", False, "Line 2 does not fit: must be a whole number"),
    (b"6\n\n\n1\n", False, "Line 4 does not fit:"),
    (b"6\n\xff\xfe7\n", False, "Line 2 is not UTF-8 text (byte 1 of the line)."),
    (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", False, "Line 1 is not UTF-8 text"),
    (b"6\n7\0\n", False, "Line 2 has a zero byte: this is not a text file."),
    ("6\n7\n".encode("utf-16"), False, "Line 1 has a zero byte"),
    (b"6\n" + b"7" * (LINE_BYTES + 1) + b"\n", False, "Line 2 is over 65,536 bytes; one line is one item."),
    (b"x" * 10_000_000, False, "Line 1 is over 65,536 bytes"),
    (b"6\n{\n", True, "Line 2 is not JSON: Expecting property name enclosed in double quotes at character 2."),
    (b"NaN\n", True, "Line 1 is not JSON: NaN has no place in JSON."),
    (b"6\n-Infinity\n", True, "Line 2 is not JSON: -Infinity has no place in JSON."),
    (b"[" * 60_000 + b"\n", True, "Line 1 is not JSON: it is nested too deep."),
    (b"9" * 5000 + b"\n", True, "Line 1 is not JSON: Exceeds the limit"),
    (b"6\n[7]\n", True, "Line 2 does not fit: must be a whole number"),
    (b"6\ntrue\n", True, "Line 2 does not fit: must be a whole number"),
    (b"", False, "The file has no items: every line is empty."),
    (b"\n \n\r\n", False, "The file has no items: every line is empty."),
    (b"\xef\xbb\xbf", False, "The file has no items: every line is empty."),
]


@pytest.mark.parametrize(("content", "is_json_lines", "sentence"), BAD)
def test_the_first_bad_line_is_named_and_nothing_is_kept(
    keep: Keep, database: Database, content: bytes, is_json_lines: bool, sentence: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        keep(content, is_json_lines=is_json_lines)

    assert str(refused.value).startswith(sentence)
    assert (rows(database, Upload), rows(database, UploadBlock)) == (0, 0)


def test_a_bad_line_behind_many_kept_blocks_takes_them_all_away(keep: Keep, database: Database) -> None:
    good = b"6\n" * (BLOCK_ITEMS * 45)  # past the first commits

    with pytest.raises(InvalidInput, match=f"Line {BLOCK_ITEMS * 45 + 1} does not fit"):
        keep(good + b"bad\n")

    assert (rows(database, Upload), rows(database, UploadBlock)) == (0, 0)


def test_a_stream_that_breaks_off_leaves_nothing(database: Database, owner: int, settings: Settings) -> None:
    class Broken(BytesIO):
        def readline(self, size: int | None = -1, /) -> bytes:
            line = super().readline(-1 if size is None else size)
            if not line:
                raise ConnectionResetError
            return line

    with pytest.raises(ConnectionResetError):
        receive(database, owner, "factorise", "a file", Broken(b"6\n" * 50_000), settings, is_json_lines=False)

    assert (rows(database, Upload), rows(database, UploadBlock)) == (0, 0)


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        ({"upload_max_bytes": 19}, "The file is over 19 bytes, the most that is taken."),
        ({"upload_max_items": 9}, "There are more than 9 items, the most that is taken."),
    ],
)
def test_a_file_over_a_limit_is_refused(keep: Keep, limits: dict[str, int], sentence: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        keep(b"6\n" * 10, **limits)

    assert str(refused.value) == sentence


def test_a_file_just_within_the_limits_is_taken(keep: Keep) -> None:
    assert keep(b"6\n" * 10, upload_max_bytes=20, upload_max_items=10) == [6] * 10


def test_reading_starts_anywhere(hand: Hand, owner: int, settings: Settings) -> None:
    count = 2 * BLOCK_ITEMS + 7
    content = b"".join(b"%d\n" % number for number in range(2, count + 2))
    upload = receive(hand.database, owner, "factorise", "a file", BytesIO(content), settings, is_json_lines=False)

    for first in (0, 1, BLOCK_ITEMS - 1, BLOCK_ITEMS, BLOCK_ITEMS + 1, count - 1):
        assert next(uploads.items_from(hand.database, upload.id, first)) == first + 2
    assert list(uploads.items_from(hand.database, upload.id, count)) == []
    assert list(uploads.items_from(hand.database, upload.id, count - 3)) == [count - 1, count, count + 1]


def test_blocks_are_bounded_in_bytes_whatever_the_items(hand: Hand, owner: int, settings: Settings) -> None:
    content = (b"x" * 60_000 + b"\n") * 40
    receive(hand.database, owner, "word-count", "a file", BytesIO(content), settings, is_json_lines=False)

    assert rows(hand.database, UploadBlock) == 40 / 5  # 5 x 60 kB reach 256 kB


def test_few_lines_wait_in_memory_while_a_large_file_comes(hand: Hand, owner: int, settings: Settings) -> None:
    waiting = [0]

    class Endless(BytesIO):
        """A file of 15 MB that is never there as a whole."""

        sent = 0

        def readline(self, size: int | None = -1, /) -> bytes:
            if self.sent == 300:
                return b""
            self.sent += 1
            waiting.append(self.sent - 6 * rows(hand.database, UploadBlock))  # six lines of 50 kB fill a block
            return b"y" * 50_000 + b"\n"

    receive(hand.database, owner, "word-count", "a file", Endless(), settings, is_json_lines=False)

    assert max(waiting) <= 6 * 20 + 1  # twenty blocks, then they are written


def test_a_workload_that_makes_its_own_items_takes_none(keep: Keep) -> None:
    with pytest.raises(InvalidInput, match="makes its own items and takes none"):
        keep(b"1\n", workload="random-sum")


@hypothesis(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(st.lists(st.integers(2, 10**30), min_size=1, max_size=50), st.sampled_from([b"\n", b"\r\n"]), st.booleans())
def test_what_was_sent_is_what_jobs_read(keep: Keep, numbers: list[int], ending: bytes, is_json_lines: bool) -> None:
    assert keep(ending.join(b"%d" % number for number in numbers), is_json_lines=is_json_lines) == numbers


def test_only_unused_old_uploads_are_dropped(hand: Hand, owner: int, settings: Settings) -> None:
    def sent() -> int:
        return receive(hand.database, owner, "wait", "f", BytesIO(b"0\n"), settings, is_json_lines=False).id

    used, unused = sent(), sent()
    hand.job(owner, items=1, upload_id=used)
    hand.change(Upload, created_at=0.0)
    fresh = sent()

    with hand.database.writing() as session:
        assert uploads.prune_uploads(session, 3600) == 1

    with hand.database.reading() as session:
        assert set(session.scalars(select(Upload.id))) == {used, fresh}
    assert unused not in (used, fresh)


def test_what_is_kept_is_compact_json(hand: Hand, owner: int, settings: Settings) -> None:
    content = json.dumps("a" * 1000).encode() + b"\n"
    receive(hand.database, owner, "word-count", "f", BytesIO(content * 250), settings, is_json_lines=True)

    with hand.database.reading() as session:
        assert quotas.use_of(session, owner).stored_bytes < 25_000
