"""For load balancers and orchestrators: does the process live, can it serve?"""

from concurrent.futures import Future
from threading import Lock, Thread
from typing import cast

from flask import Blueprint, Flask, current_app, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from store import migrate
from store.database import Database

ANSWER_WITHIN_S = 4.0  # a second after a connection that nobody takes is given up
bp = Blueprint("health", __name__)


class Probe:
    """Asks the database in a thread and on a connection of its own: a frozen server holds up nobody who asks here."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._asked: Future[bool] | None = None
        self._lock = Lock()

    def is_current(self) -> bool:
        """Whether it has this version's schema.  Raises TimeoutError when it does not say, SQLAlchemyError when away.

        While it is silent there is one question, however many ask.
        """
        with self._lock:
            if self._asked is None or self._asked.done():
                self._asked = Future()
                Thread(target=self._ask, args=(self._asked,), name="probe", daemon=True).start()
            asked = self._asked
        return asked.result(ANSWER_WITHIN_S)

    def _ask(self, asked: Future[bool]) -> None:
        try:
            asked.set_result(migrate.is_current(self._database))
        except BaseException as error:  # noqa: BLE001 - whatever it is, those who wait must hear of it
            asked.set_exception(error)


def set_up(app: Flask) -> None:
    app.extensions["probe"] = Probe(Database(app.extensions["settings"].database_url))
    app.register_blueprint(bp)


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """The process answers: asks nothing of anything else, so a lost database does not restart every web node."""
    return jsonify(ok=True)


@bp.get("/readyz")
def readyz() -> ResponseReturnValue:
    """The database answers and has this version's schema."""
    try:
        is_current = cast(Probe, current_app.extensions["probe"]).is_current()
    except TimeoutError:
        return jsonify(ok=False, reason=f"The database does not answer within {ANSWER_WITHIN_S:g} s."), 503
    except SQLAlchemyError:
        return jsonify(ok=False, reason="The database can't be reached."), 503
    if not is_current:
        return jsonify(ok=False, reason="The database lacks this version's schema; the release step migrates it."), 503
    return jsonify(ok=True)
