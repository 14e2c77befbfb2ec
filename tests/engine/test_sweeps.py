"""Sweeps in the database: admitted with a checked plan, recorded behind a fence, ended once."""

import math
from pathlib import Path

import pytest

from dynometer.errors import InvalidInput, NotFound
from dynometer.execution.offers import Offer
from dynometer.measure.result import dumps, loads
from dynometer.measure.trial import Point
from dynometer.report.report import make_report
from settings import Settings
from store import sweeps
from store.database import Database
from store.sweep_models import Sweep, SweepState
from store.values import Slot
from tasks.quotas import OverQuota
from tasks.sweep_result import as_text, event_of, result_of
from tasks.sweeps import SweepRequest, admit, cancel, import_result
from tests.report.made import made, windows

LEASE_S = 30.0
REQUEST = SweepRequest("random-sum", parameters={"numbers": 1000}, models=["sequential", "pool"], workers=[1, 2])


def admitted(database: Database, owner: int, settings: Settings, request: SweepRequest = REQUEST) -> Sweep:
    with database.writing() as session:
        return admit(session, owner, request, settings).sweep
