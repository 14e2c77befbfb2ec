"""Which field of a request a refusal of the instrument speaks of."""

from collections.abc import Mapping
from typing import Any

from dynometer.errors import InvalidInput

RENAMED = {"number_of_library_threads": "library_threads", "item_limit": "item_limit_s", "budget": "budget_s"}


def by_our_names(error: InvalidInput, body: Mapping[str, Any]) -> InvalidInput:
    """The refusal with the names that the API has for the fields; one without fields as it is."""
    if not error.fields:
        return error
    own_items = {"items": "inputs"} if "inputs" in body and "items" not in body else {}
    names = RENAMED | own_items
    fields = {names.get(name, name): sentence for name, sentence in error.fields.items()}
    said = (words if words[:1].isupper() else f"{name} {words}" for name, words in sorted(fields.items()))
    detail = "; ".join(words.rstrip(".") for words in said)
    return InvalidInput(f"The sweep was not started: {detail}.", fields=fields, hint=error.hint)
