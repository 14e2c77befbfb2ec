"""What can be computed."""

from typing import Any

from app.api.blueprint import ApiBlueprint
from app.api.schemas import WorkloadSchema
from dynometer.workloads import all_workloads, describe

bp = ApiBlueprint("api_workloads", __name__, url_prefix="/api/v1/workloads", description="What can be computed")


@bp.get("")
@bp.response(200, WorkloadSchema(many=True))
def listed() -> list[dict[str, Any]]:
    """List the workloads with their parameters."""
    return [describe(workload) for workload in all_workloads().values()]
