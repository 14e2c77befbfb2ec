"""Before somebody changes how they sign in, they show once more who they are: a session may have been left open."""

from flask import abort, g

from app.accounts import Account
from app.current import database
from app.passwords import is_right
from app.tries import one_try
from dynometer.errors import InvalidInput
from store.passkeys import moment

FRESH_S = 900.0  # who has no password has signed in not longer ago
WRONG = "is not your present password"


def refuse_tokens() -> None:
    """An API token that leaked must not make itself a way in."""
    if g.token is not None:
        abort(403, "An API token may not change how its owner signs in.")


def prove(account: Account, password: str) -> None:
    """Raises InvalidInput, HaveToWait."""
    if account.password is None:
        prove_fresh()
        return
    with one_try(f"proof:{account.id}", account.email):
        if not is_right(account, password):
            raise InvalidInput("Nothing was changed.", fields={"password": WRONG})


def prove_fresh() -> None:
    with database().reading() as reading:
        is_fresh = moment(reading) - g.sign_in.began_at < FRESH_S
    if not is_fresh:
        raise InvalidInput("You signed in a while ago.", hint="Sign out, sign in again, and come back here.")
