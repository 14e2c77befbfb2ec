"""A real browser for the tests of the pages: one process for all of them, and what each test opens closes with it."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import IO, TYPE_CHECKING

import pytest
from flask import Flask
from werkzeug.serving import make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from playwright.sync_api import Browser as Chromium
    from playwright.sync_api import Page

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
READS_A_LOT = "willReadFrequently"  # a hint about the test's own look at the canvas, when the machine is slow
STOPS_WITHIN_S = 0.02
started: list["Chromium"] = []
_ends = ExitStack()


def the_browser(binary: str) -> "Chromium":
    """Started by the first test that wants it."""
    if not started:
        from playwright.sync_api import sync_playwright

        playwright = _ends.enter_context(sync_playwright())
        started.append(_ends.enter_context(playwright.chromium.launch(executable_path=binary, args=FLAGS)))
    return started[0]


def end_browser() -> None:
    """Its event loop runs in this thread, where the tests of other folders may want one of their own."""
    started.clear()
    _ends.close()


@contextmanager
def serving(app: Flask, host: str = "127.0.0.1") -> Iterator[str]:
    """Where `app` is served meanwhile."""

    def reads_files_whole(environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
        return app({**environ, "wsgi.file_wrapper": whole}, start_response)

    server = make_server("127.0.0.1", 0, reads_files_whole, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(STOPS_WITHIN_S,))
    thread.start()
    try:
        yield f"http://{host}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def whole(file: "IO[bytes]", size: int = 0) -> list[bytes]:
    """So that no file is open while a browser turns away from what it has asked for."""
    with file:
        return [file.read()]


def open_page(chromium: "Chromium", complaints: list[str], **given: object) -> "Page":
    """A page with cookies of its own, whose console speaks to `complaints`."""
    page = chromium.new_context(**given).new_page()  # type: ignore[arg-type]
    page.on(
        "console",
        lambda message: (
            complaints.append(message.text)
            if message.type in ("error", "warning") and READS_A_LOT not in message.text
            else None
        ),
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return page


@pytest.fixture
def chromium(chromium_binary: str) -> Iterator["Chromium"]:
    browser = the_browser(chromium_binary)
    before = list(browser.contexts)
    yield browser
    for context in browser.contexts:
        if context not in before:
            context.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the browser's console says: blocked styles and scripts, exceptions."""
    return []


@pytest.fixture
def serve() -> Iterator[Callable[[Flask], str]]:
    """Serves any app; all of them end with the test."""
    with ExitStack() as ends:
        yield lambda app: ends.enter_context(serving(app))


@pytest.fixture(scope="session")
def served_at(app: Flask) -> Iterator[str]:
    """Where the shared app is served."""
    with serving(app) as address:
        yield address


@pytest.fixture
def served(app: Flask, served_at: str) -> tuple[Flask, str]:
    """The shared app, and where it is served: for tests that bring their own people."""
    return app, served_at


@pytest.fixture
def served_afresh(fresh_app: Flask, serve: Callable[[Flask], str]) -> tuple[Flask, str]:
    """An app on an empty database, and where it is served."""
    return fresh_app, serve(fresh_app)
