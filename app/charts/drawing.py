"""Specs to SVG and PNG, for exports and for pages without script.

The renderer is a browser engine in a library: 60 MB and half a second at its first use, so a process loads it when
somebody asks for a picture, and draws one at a time.
"""

import hashlib
import json
from collections import OrderedDict
from threading import BoundedSemaphore, Lock

from flask import abort

from app.charts.theme import Spec

VEGA_LITE = "6.4"
PIXEL_RATIO = 2
WAIT_S = 10.0
MOST_KEPT = 32
MIMETYPES = {"svg": "image/svg+xml", "png": "image/png", "json": "application/json"}
turn = BoundedSemaphore(1)
_kept: "OrderedDict[str, bytes]" = OrderedDict()
_lock = Lock()


def version_of(spec: Spec, ending: str) -> str:
    """Equal for equal pictures."""
    return hashlib.blake2b(json.dumps([spec, ending]).encode(), digest_size=12).hexdigest()


def drawn(spec: Spec, ending: str) -> bytes:
    """The spec as JSON, SVG or PNG.  Answers 503 when many others wait for theirs."""
    if ending == "json":
        return json.dumps(spec).encode()
    version = version_of(spec, ending)
    with _lock:
        if found := _kept.get(version):
            _kept.move_to_end(version)
            return found
    if not turn.acquire(timeout=WAIT_S):
        abort(503, "Many charts are being drawn at this moment.")
    try:
        picture = draw(spec, ending)
    finally:
        turn.release()
    with _lock:
        _kept[version] = picture
        if len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return picture


def draw(spec: Spec, ending: str) -> bytes:
    import vl_convert  # here, not above: see the module's first lines

    if ending == "svg":
        return vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE).encode()
    return vl_convert.vegalite_to_png(spec, vl_version=VEGA_LITE, scale=PIXEL_RATIO)
