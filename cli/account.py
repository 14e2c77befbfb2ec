"""`./dyno account`: what the only administrator can do about an account when nobody can sign in to do it."""

from pathlib import Path

import click

from cli.database import database_explained
from cli.options import data_option, settings_of_running
from dynometer.errors import InvalidInput
from settings import Settings


@click.group("account")
def command() -> None:
    """Accounts, from the server's own console."""


@command.command("remove-second-factor")
@click.argument("email")
@data_option
def remove(email: str, data: Path | None) -> None:
    """Remove the authenticator app of the account EMAIL, when it is lost and its recovery codes too.

    Its password alone signs in from then on, and every browser is signed out.  It is written into the audit log.
    """
    remove_second_factor(settings_of_running(data), email)
    click.echo(f"The second factor of {email} is removed: the password alone signs in. Every browser is signed out.")


def remove_second_factor(settings: Settings, email: str) -> None:
    """Raises InvalidInput when there is none, ConfigError when there is no database."""
    from store import account_changes, audit, second_factors
    from store.database import Database
    from store.people import CONSOLE_EMAIL, person_by_email

    with database_explained(), Database(settings.database_url).writing() as session:
        person = person_by_email(session, email)
        if person is None:
            raise InvalidInput(f"There is no account {email}.", hint="Is --data the folder of the fleet in question?")
        account_changes.end_sessions(session, person.id)
        if not second_factors.remove(session, person.id):
            raise InvalidInput(f"{email} has no second factor.", hint="Nothing was changed.")
        audit.record(
            session, "second-factor-removed", actor_id=None, actor=CONSOLE_EMAIL, subject=person.email,
            detail={"by": "command line"},
        )  # fmt: skip
