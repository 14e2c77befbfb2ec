"""Cells of a CSV file that a spreadsheet may open."""

import json
from typing import Any


def cell(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula gets an apostrophe in front; numbers stay as they are."""
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
