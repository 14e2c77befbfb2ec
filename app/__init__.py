"""The web app: pages and API over the job engine.  Shows; decides, computes and times nothing."""

from flask import Flask

from settings import Settings


def create_app(settings: Settings) -> Flask:
    """Build the web app: what it is made of, in order, and nothing else.

    Raises ConfigError when the settings cannot make a safe one.
    """
    from app import (
        access,
        accounts,
        api,
        assets,
        configuration,
        current,
        errors,
        front_door,
        headers,
        logs,
        pages,
        words,
    )

    app = Flask("app", static_folder=None)
    app.config.from_mapping(configuration.of(settings))
    logs.set_up(app)
    current.set_up(app, settings)
    front_door.set_up(app)
    headers.set_up(app)
    errors.set_up(app)
    access.set_up(app)  # before the accounts: its gate runs first
    accounts.set_up(app)
    assets.set_up(app)
    words.set_up(app)
    pages.set_up(app)
    api.set_up(app)
    return app
