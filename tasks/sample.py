"""The sweep that a first start measures by itself, so that the first page shows this machine's own curve."""

from sqlalchemy.orm import Session

from dynometer.measure.machine import cpus_usable
from dynometer.measure.planning import default_workers
from settings import Settings
from store.accounts import service_account
from store.sweep_models import Origin
from store.sweeps import has_any
from tasks.sweeps import SweepRequest, admit

NAME = "Sample: the tutorial case on this machine"
BUDGET_S = 25.0  # a curve within a minute of the first start
MODELS = ("sequential", "threads", "pool", "vectorised")


def admit_sample(session: Session, settings: Settings) -> None:
    """Let the first worker node that joins measure the tutorial case; nothing where somebody has measured before."""
    if has_any(session):
        return
    workers = [count for count in default_workers(cpus_usable()) if count <= max(2.0, cpus_usable())]
    request = SweepRequest("random-sum", name=NAME, models=MODELS, workers=workers, budget_s=BUDGET_S)
    admit(session, service_account(session).id, request, settings, origin=Origin.SAMPLE)
