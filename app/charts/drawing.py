"""Specs to SVG and PNG, for exports and for pages without script.

The renderer is a browser engine in a library: 60 MB and half a second at its first use, so a process loads it when
somebody asks for a picture, and draws one at a time.
"""

import hashlib
import json
import math
from collections import OrderedDict
from collections.abc import Hashable
from threading import BoundedSemaphore, Lock
from time import monotonic
from typing import Any

from werkzeug.exceptions import ServiceUnavailable

from app.charts.theme import Spec
from tasks.sweep_bounds import NOT_IN_XML

VEGA_LITE = "6.4"
PIXEL_RATIO = 2
WAIT_S = 1.0
RETRY_AFTER_S = 2
LATELY_S = 10.0  # the picture of a running job is good for so long
MANY = "Another chart is being drawn at this moment."
MOST_KEPT = 32
MIMETYPES = {"svg": "image/svg+xml", "png": "image/png", "json": "application/json"}
Name = tuple[Hashable, ...]  # what a picture is of, while it changes
places, turn = BoundedSemaphore(2), BoundedSemaphore(1)
_kept: "OrderedDict[str, bytes]" = OrderedDict()
_lately: "OrderedDict[Name, tuple[str, float]]" = OrderedDict()
_lock = Lock()


def version_of(spec: Spec, ending: str) -> str:
    """Equal for equal pictures."""
    return hashlib.blake2b(json.dumps([spec, ending]).encode(), digest_size=12).hexdigest()


def drawn_lately(name: Name) -> str | None:
    """The version of what was drawn under that name a moment ago, and is still kept."""
    with _lock:
        version, drawn_at_s = _lately.get(name, ("", -math.inf))
        return version if version in _kept and monotonic() - drawn_at_s < LATELY_S else None


def drawn(spec: Spec, ending: str, version: str, name: Name | None = None) -> bytes:
    """The spec as JSON, SVG or PNG.  Answers 503 when another one is drawn and the next one waits already."""
    if ending == "json":
        return json.dumps(spec).encode()
    with _lock:
        if found := _kept.get(version):
            _kept.move_to_end(version)
            return found
    picture = draw_in_turn(spec, ending)
    with _lock:
        _kept[version] = picture
        if name is not None:
            _lately[name] = version, monotonic()
            _lately.move_to_end(name)
        kept: OrderedDict[Any, Any]
        for kept in (_kept, _lately):
            while len(kept) > MOST_KEPT:
                kept.popitem(last=False)
    return picture


def draw_in_turn(spec: Spec, ending: str) -> bytes:
    """Whoever waits holds a thread of the web node, so one may, and not for long."""
    if not places.acquire(blocking=False):
        raise ServiceUnavailable(MANY, retry_after=RETRY_AFTER_S)
    try:
        if not turn.acquire(timeout=WAIT_S):
            raise ServiceUnavailable(MANY, retry_after=RETRY_AFTER_S)
        try:
            return draw(spec, ending)
        finally:
            turn.release()
    finally:
        places.release()


def draw(spec: Spec, ending: str) -> bytes:
    import vl_convert  # here, not above: see the module's first lines

    spec = without_controls(spec)
    if ending == "svg":
        return vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE).encode()
    return vl_convert.vegalite_to_png(spec, vl_version=VEGA_LITE, scale=PIXEL_RATIO)


def without_controls(value: Any) -> Any:
    """The same, with a mark for what XML can't hold: an item's error may hold anything, and ends the renderer."""
    if isinstance(value, str):
        return NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, dict):
        return {without_controls(name): without_controls(inner) for name, inner in value.items()}
    return [without_controls(inner) for inner in value] if isinstance(value, list) else value
