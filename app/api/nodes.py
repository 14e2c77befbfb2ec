"""The fleet's members."""

from typing import Any

from app.api.blueprint import ApiBlueprint
from app.api.schemas import NodeSchema, moments
from app.current import database
from store import nodes
from store.models import Node

bp = ApiBlueprint("api_nodes", __name__, url_prefix="/api/v1/nodes", description="The fleet's members")


@bp.get("")
@bp.response(200, NodeSchema(many=True))
def listed() -> list[dict[str, Any]]:
    """List every node that was seen, with its state."""
    with database().reading() as session:
        return [as_json(node) for node in nodes.all_nodes(session)]


def as_json(node: Node) -> dict[str, Any]:
    same = ("name", "role", "state", "host", "slots", "cpus_usable", "memory_bytes", "versions")
    return {name: getattr(node, name) for name in same} | moments(joined_at=node.joined_at, seen_at=node.seen_at)
