"""What this project refuses to do, in words a user can read."""

from collections.abc import Mapping


class DynometerError(Exception):
    """Something this project refuses to do."""

    def __init__(self, message: str = "", *, hint: str = "") -> None:
        super().__init__(message or type(self).__doc__)
        self.hint = hint  # the next thing to try


class InvalidInput(DynometerError):
    """The input does not fit."""

    def __init__(self, message: str = "", *, fields: Mapping[str, str] | None = None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.fields = dict(fields or {})  # field name -> sentence to show beside that field


class NotFound(DynometerError):
    """There is nothing by that name."""


class ItemFailed(DynometerError):
    """An item has no value; the sentence becomes that item's result."""
