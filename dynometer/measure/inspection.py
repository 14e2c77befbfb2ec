"""A user's own function, looked at in a process of its own: importing it may print, hang, fork or end its process."""

import tempfile
import time
from pathlib import Path

from dynometer import workloads
from dynometer.errors import DynometerError, InvalidInput, NotFound
from dynometer.measure.offspring import Abandoned, Limits, Lost, listen
from dynometer.measure.order import Inspected, InspectionOrder, Order, Said
from dynometer.measure.voice import Voice
from dynometer.workloads import own
from dynometer.workloads.workload import Workload

IMPORT_LIMIT_S = 30.0  # large libraries take many seconds on a cold disk
REMEDY = 'Keep what it does when it runs as a program under if __name__ == "__main__".'


def inspected(text: str) -> Workload:
    """The workload that `text` names.  A user's own code is not run in this process, neither now nor later.

    Raises NotFound and InvalidInput as `workloads.resolve` does, and InvalidInput for code that hangs, dies or forks
    when it is imported.
    """
    if not own.is_own(text):
        return workloads.find(text)
    found = _asked(text)
    if found.refusal:
        raise (NotFound if found.is_missing else InvalidInput)(found.refusal, hint=found.hint)
    return own.hold(text, is_coroutine=found.is_coroutine)


def look_at(order: InspectionOrder, voice: Voice) -> None:
    """Inside the process: import, which may take as long as one item, and say what is there."""
    voice.stage("the import", items=1)
    try:
        found = Inspected(is_coroutine=bool(workloads.resolve(order.workload).coroutines))
    except DynometerError as error:
        found = Inspected(refusal=str(error), hint=error.hint, is_missing=isinstance(error, NotFound))
    voice.say(Said("inspected", inspected=found))


def _asked(text: str) -> Inspected:
    place, _ = own.parts(text)
    limits = Limits(time.perf_counter() + 2 * IMPORT_LIMIT_S, IMPORT_LIMIT_S)
    with tempfile.TemporaryDirectory(prefix="dyno-look-", ignore_cleanup_errors=True) as folder:
        try:
            for said in listen(Order(inspection=InspectionOrder(text)), limits, 1, Path(folder)):
                if said.inspected:
                    return said.inspected
        except Lost as lost:
            return Inspected(refusal=f"{place} can't be imported: it {_within(lost)}.", hint=REMEDY)
        except Abandoned:
            pass
    return Inspected(refusal=f"{place} can't be imported: it told nothing of itself.", hint=REMEDY)


def _within(lost: Lost) -> str:
    how = lost.how or "answers with something else"
    return f"{how} within {IMPORT_LIMIT_S:g} s" if how == "does not end" else how
