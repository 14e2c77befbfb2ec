"""The HTTP API, as commands use it: JSON there and back, problems as sentences."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import OpenerDirector, ProxyHandler, Request, build_opener

from cli.refusals import Busy, Refused, Unreachable
from dynometer.errors import InvalidInput, NotFound

TIMEOUT_S = 60.0
UPLOAD_TIMEOUT_S = 900.0
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class NotSignedIn(Refused):
    """The token is missing, wrong, expired or revoked."""


@dataclass(frozen=True)
class Reply:
    """What came back: the JSON, or None when it is what we know already (304) or there is none (204)."""

    json: Any
    headers: Mapping[str, str] = field(default_factory=dict)


class Client:
    """A Dynometer's API at `server`, spoken to with `token`."""

    def __init__(self, server: str, token: str) -> None:
        self.server = server.rstrip("/")
        self._token = token
        self._opener = opener_for(self.server)

    def get(self, path: str, *, etag: str | None = None) -> Reply:
        """GET; with `etag` the reply's JSON is None when nothing has changed."""
        return self._ask("GET", path, headers={"If-None-Match": etag} if etag else {})

    def post(self, path: str, body: Any, *, key: str) -> Reply:
        """POST `body` as JSON.  The same `key` and body have one effect, however often they are sent."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        return self._ask("POST", path, data=json.dumps(body).encode(), headers=headers)

    def upload(self, path: str, file: IO[bytes], size_bytes: int) -> Reply:
        """POST a file as it is, piece by piece."""
        headers = {"Content-Type": "text/plain", "Content-Length": str(size_bytes)}
        return self._ask("POST", path, data=file, headers=headers, timeout_s=UPLOAD_TIMEOUT_S)

    def delete(self, path: str) -> None:
        self._ask("DELETE", path)

    @contextmanager
    def stream(self, path: str) -> Iterator[HTTPResponse]:
        """The body of GET `path`, to be read piece by piece."""
        with self._open("GET", path, None, {}, TIMEOUT_S) as response:
            yield response

    def _ask(
        self, method: str, path: str, *, data: Any = None, headers: Mapping[str, str] | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> Reply:  # fmt: skip
        with self._open(method, path, data, headers or {}, timeout_s) as response:
            body = response.read()
            return Reply(json.loads(body) if body else None, dict(response.headers))

    @contextmanager
    def _open(
        self, method: str, path: str, data: Any, headers: Mapping[str, str], timeout_s: float
    ) -> Iterator[HTTPResponse]:
        """Raises Unreachable, NotSignedIn, NotFound, InvalidInput or Refused, in the server's own words."""
        own = {"Authorization": f"Bearer {self._token}", "Accept": "application/json, */*"}
        request = Request(self.server + path, data=data, headers={**own, **headers}, method=method)
        try:
            with self._opener.open(request, timeout=timeout_s) as response:
                yield response
        except HTTPError as error:
            with error:
                if error.code == 304:
                    yield _NOTHING_NEW  # type: ignore[misc]
                    return
                raise refusal(error) from None
        except BrokenPipeError:
            raise  # who read our standard output has had enough; a lost server comes as another error
        except (URLError, HTTPException, OSError) as error:
            reason = getattr(error, "reason", None) or error
            raise Unreachable(f"{self.server} does not answer: {reason}.", hint="Does it run?  `./dyno up`") from None


class _NothingNew:
    """A 304 as a response."""

    headers: Mapping[str, str] = {}

    def read(self) -> bytes:
        return b""


_NOTHING_NEW = _NothingNew()


def refusal(error: HTTPError) -> Exception:
    """The problem document of `error` as an exception of ours."""
    try:
        problem = json.loads(error.read(100_000))
        detail = str(problem.get("detail") or problem.get("title"))
        fields = {field_name(at): str(at.get("detail")) for at in problem.get("errors", ()) if at.get("pointer")}
    except (ValueError, AttributeError, OSError):
        detail, fields = f"The server answers {error.code} {error.reason}.", {}
    match error.code:
        case 401:
            return NotSignedIn(detail, hint="Put a token into DYNOMETER_TOKEN; `./dyno token create NAME` makes one.")
        case 404:
            return NotFound(detail)
        case 422:
            return InvalidInput(detail, fields=fields)
        case 429 | 502 | 503 | 504:
            return Busy(detail, hint="Try again in some seconds.")
    return Refused(detail)


def field_name(problem: Mapping[str, Any]) -> str:
    """`parameters.low` for the JSON pointer #/parameters/low."""
    return str(problem.get("pointer", "?")).lstrip("#/").replace("/", ".")


def opener_for(server: str) -> OpenerDirector:
    """A proxy of the environment is no way to this machine itself."""
    return build_opener(ProxyHandler({})) if urlsplit(server).hostname in LOOPBACK else build_opener()
