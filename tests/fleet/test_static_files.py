"""Static files for nginx: made in a folder of others without harm to it, and changed in one step."""

import threading
from pathlib import Path

import pytest

from fleet.static_files import OLD_STAMP, compress
from settings import ConfigError


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "a.css").write_text("a" * 1000)
    return folder


def files(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*")}


def test_nothing_else_in_the_folder_is_touched(source: Path, tmp_path: Path) -> None:
    (tmp_path / "made-from").write_text("of somebody else")
    (tmp_path / "www").mkdir()
    (tmp_path / "www/index.html").write_text("theirs")

    compress(source, tmp_path)
    (source / "a.css").write_text("b" * 2000)
    compress(source, tmp_path)

    assert (tmp_path / "made-from").read_text() == "of somebody else"
    assert (tmp_path / "www/index.html").read_text() == "theirs"
    assert (tmp_path / "static/a.css").read_text() == "b" * 2000
    assert (tmp_path / "static/a.css.gz").is_file()
    (source / "a.css").write_text("d" * 3000)
    compress(source, tmp_path)
    made = [path for path in tmp_path.iterdir() if path.name.startswith(".static")]
    assert len(made) == 2  # this one and the one before, which a request may be reading; older ones went


@pytest.mark.parametrize("kind", ["folder", "file", "link"])
def test_a_static_of_others_is_refused_and_kept(source: Path, tmp_path: Path, kind: str) -> None:
    served = tmp_path / "site" / "static"
    served.parent.mkdir()
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs/file").write_text("theirs")
    if kind == "folder":
        (tmp_path / "theirs").rename(served)
    elif kind == "file":
        served.write_text("theirs")
    else:
        served.symlink_to(tmp_path / "theirs")
    before = files(tmp_path)

    with pytest.raises(ConfigError, match="nothing of it was changed"):
        compress(source, served.parent)

    assert files(tmp_path) == before


def test_what_an_earlier_version_made_is_replaced(source: Path, tmp_path: Path) -> None:
    root = tmp_path / "public"
    (root / "static").mkdir(parents=True)
    (root / OLD_STAMP).write_text("a digest")

    compress(source, root)

    assert (root / "static/a.css").is_file()
    assert not (root / OLD_STAMP).exists()


def test_no_request_finds_it_missing(source: Path, tmp_path: Path) -> None:
    root = tmp_path / "public"
    compress(source, root)
    is_over, seen = threading.Event(), []

    def look() -> None:
        while not is_over.is_set():
            seen.append((root / "static").is_dir())

    looker = threading.Thread(target=look)
    looker.start()
    for size in range(30):
        (source / "a.css").write_text("c" * (1000 + size))
        compress(source, root)
    is_over.set()
    looker.join()

    assert all(seen)
