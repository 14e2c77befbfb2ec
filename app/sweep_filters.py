"""The list of sweeps as its URL asks for it; what does not fit is taken for the default, as a link may be old."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for

from dynometer.execution import MODELS
from dynometer.workloads import all_workloads
from dynometer.workloads.parameters import is_storable
from store.cursors import Cursor, read_cursor
from store.sweep_list import Sort, Wanted
from store.sweep_models import SweepState
from store.sweeps import OPEN

LONGEST_WORDS = 200  # characters
STATES = {"open": "Not over", **{state.value: state.value.capitalize() for state in SweepState}}
SORTS = {Sort.NEWEST: "Newest first", Sort.SPEEDUP: "Best speed-up first", Sort.WINDOWS: "Most windows first"}


@dataclass(frozen=True)
class Filters:
    """What of the sweeps is shown, and how."""

    q: str = ""
    state: str = ""
    model: str = ""
    mine: str = ""  # of somebody who sees everybody's: only their own
    sort: Sort = Sort.NEWEST
    after: str = ""
    before: str = ""

    @property
    def are_set(self) -> bool:
        """Whether anything is left out of the list."""
        return bool(self.q or self.state or self.model or self.mine)

    @property
    def is_first(self) -> bool:
        return not self.after and not self.before

    def url(self, after: Cursor | None = None, before: Cursor | None = None) -> str:
        """The same list from another place; its beginning when none is given."""
        given: dict[str, Any] = {name: getattr(self, name) or None for name in ("q", "state", "model", "mine")}
        sort = None if self.sort is Sort.NEWEST else self.sort
        return url_for("sweeps.show", **given, sort=sort, after=after and str(after), before=before and str(before))

    def wanted(self, owner_id: int | None, own_id: int, most: int) -> Wanted:
        """`owner_id` is whose sweeps the caller sees at most (None: everybody's), `own_id` the caller."""
        words = self.q.lower()
        titles = {key: workload.title.lower() for key, workload in all_workloads().items()}
        return Wanted(
            owner_id=own_id if self.mine else owner_id,
            states=OPEN if self.state == "open" else (SweepState(self.state),) if self.state else (),
            model=self.model, words=self.q,
            titled=[key for key, title in titles.items() if words in title] if words else (),
            sort=self.sort, after=read_cursor(self.after), before=read_cursor(self.before), most=most,
        )  # fmt: skip


def filters_from(given: Mapping[str, str]) -> Filters:
    q = " ".join(given.get("q", "").split())[:LONGEST_WORDS]
    state, model, sort = given.get("state", ""), given.get("model", ""), given.get("sort", "")
    after, before = given.get("after", ""), given.get("before", "")
    return Filters(
        q=q if is_storable(q) else "",
        state=state if state in STATES else "",
        model=model if model in MODELS else "",
        mine="1" if given.get("mine") == "1" else "",
        sort=Sort(sort) if sort in SORTS else Sort.NEWEST,
        after=after if read_cursor(after) else "", before=before if read_cursor(before) else "",
    )  # fmt: skip
