"""Two sweeps against one another."""

from typing import Any

from flask import Response, abort
from flask.typing import ResponseReturnValue

from app.access import Role, needs
from app.api.blueprint import ApiBlueprint
from app.api.sweep_schemas import ComparisonRequestSchema, ComparisonSchema
from app.current import database
from app.errors import answer
from app.problems import Problem, kind_of
from app.sweep_view import SweepView, sweep_view
from dynometer.compare.as_text import as_object
from dynometer.compare.changes import compare
from dynometer.compare.foretold import foretold
from dynometer.compare.likeness import NotComparable, differences, require_alike
from dynometer.errors import InvalidInput
from dynometer.measure.codec import to_json
from dynometer.measure.result import SweepResult

bp = ApiBlueprint(
    "api_comparisons", __name__, url_prefix="/api/v1/comparisons", description="Sweeps against one another"
)


@bp.post("")
@bp.arguments(ComparisonRequestSchema)
@bp.response(200, ComparisonSchema)
@bp.alt_response(404, "NOT_FOUND")
@bp.alt_response(409, "CONFLICT")
@needs(Role.VIEWER)
def make(body: dict[str, Any]) -> ResponseReturnValue:
    """Set sweep B against sweep A: per point, how its throughput changed.  409 names the facts that forbid it."""
    with database().reading() as session:
        views = [sweep_view(session, body[name]) for name in ("a", "b")]
    a, b = (measured(view) for view in views)
    across = body.get("across", [])
    try:
        allowed = require_alike(a, b, across)
    except NotComparable:
        return refusal(a, b, across)
    except InvalidInput as error:
        sentence = str(error).removeprefix("--across ")
        raise InvalidInput(f"across: {sentence}", fields={"across": sentence}, hint=error.hint) from None
    return as_object(compare(a, b, allowed), told=foretold(a, b))


def measured(view: SweepView) -> SweepResult:
    """Answers 409 when nothing can be said of it."""
    if view.result is None or not any(trial.is_accepted for trial in view.result.trials):
        abort(409, f"Nothing can be said: sweep {view.sweep.id} holds no window that counts.")
    return view.result


def refusal(a: SweepResult, b: SweepResult, across: list[str]) -> Response:
    """In words, and fact by fact."""
    found = [each for each in differences(a, b) if each.fact.split(".")[0] not in across]
    named = "; ".join(map(str, found))
    options = ", ".join(dict.fromkeys(f'"{each.fact.split(".")[0]}"' for each in found))
    problem = Problem(
        kind_of(409), f"These sweeps are not comparable; they differ in {named}.",
        hint=f'Measure both on one machine; or, where the difference is what you study, send "across": [{options}].',
        members={"differences": [to_json(each) for each in found]},
    )  # fmt: skip
    return answer(problem, 409)
