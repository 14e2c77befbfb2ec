"""Text that people typed into forms; what is wrong with it is a DoesNotFit."""

from dynometer.workloads.parameters import DoesNotFit, Parameter, is_storable


def line(text: str, low: int, high: int) -> str:
    """One line of `low` to `high` characters, without its outer blanks."""
    text = text.strip()
    if not text.isprintable() or not is_storable(text):
        raise DoesNotFit("must be one line of visible characters")
    if not low <= len(text) <= high:
        raise DoesNotFit(f"must have {low} to {high} characters" if low else f"must have at most {high} characters")
    return text


def whole(text: str, high: int) -> int | None:
    """A number from 0 to `high`; None for nothing."""
    return int(Parameter("", int, 0, "", low=0, high=high).read(text)) if text.strip() else None
