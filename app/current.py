"""What the running app holds: settings, database, doorbell."""

from typing import cast

from flask import Flask, current_app

from settings import Settings
from store.database import Database
from tasks.doorbell import Doorbell

POOL_SIZE, POOL_OVERFLOW = 4, 2  # a Gunicorn worker has four threads


def set_up(app: Flask) -> None:
    """Open what every request uses; no connection is made before the first one."""
    settings = app.extensions["settings"]
    app.extensions["database"] = Database(settings.database_url, pool_size=POOL_SIZE, overflow=POOL_OVERFLOW)
    app.extensions["doorbell"] = Doorbell(settings, patience_s=0)  # a page waits for no broker


def settings() -> Settings:
    return cast(Settings, current_app.extensions["settings"])


def database() -> Database:
    return cast(Database, current_app.extensions["database"])


def doorbell() -> Doorbell:
    return cast(Doorbell, current_app.extensions["doorbell"])
