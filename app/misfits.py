"""What of a request for a job does not fit its workload: all of it at once, so that nobody mends it field by field.

The engine checks again when it admits; it stops at the first thing that is wrong.
"""

from collections.abc import Collection

from dynometer.errors import InvalidInput
from dynometer.workloads.parameters import read_parameters
from dynometer.workloads.workload import Workload
from tasks.jobs import MAX_CHUNK_ITEMS, MAX_WORKERS, JobRequest

LIMITS = {"max_workers": MAX_WORKERS, "chunk_items": MAX_CHUNK_ITEMS}


def misfits(workload: Workload, request: JobRequest, unread: Collection[str] = ()) -> dict[str, str]:
    """Field -> the rest of the sentence that begins with its name.

    `unread` are fields that were sent and could not even be read: `request` lacks them, and they are in no answer.
    """
    wrong = misfits_of_sources(workload, request)
    if request.variant is not None and request.variant not in workload.variants:
        wrong["variant"] = f"must be one of {', '.join(workload.variants)}"
    for name, most in LIMITS.items():
        value = getattr(request, name)
        if value is not None and not 1 <= value <= most:
            wrong[name] = f"must be from 1 to {most:,}"
    is_counted = not {"items", "inputs", "upload_id"} & {*unread, *wrong}
    if "parameters" not in unread:
        wrong |= misfits_of_parameters(workload, request, items_of(workload, request) if is_counted else None)
    if wrong and request.inputs and workload.read_item:  # else the engine looks at each of them anyway
        wrong |= misfit_of_inputs(workload, request)
    return wrong


def misfits_of_sources(workload: Workload, request: JobRequest) -> dict[str, str]:
    """Where the items come from: the generator, or their owner."""
    own = [name for name in ("inputs", "upload_id") if getattr(request, name) is not None]
    if len(own) > 1:
        return {"upload_id": "can't be given together with inputs"}
    if own and request.items is not None:
        return {"items": "can't be given together with items of your own"}
    if own and workload.read_item is None:
        return {own[0]: f"can't be given: {workload.title} makes its own items"}
    if request.inputs is not None and not request.inputs:
        return {"inputs": "must have an item"}
    if request.items is not None and not 1 <= request.items <= workload.max_items:
        return {"items": f"must be from 1 to {workload.max_items:,}"}
    return {}


def items_of(workload: Workload, request: JobRequest) -> int | None:
    """How many there will be; None when only the upload knows."""
    if request.inputs is not None:
        return len(request.inputs)
    if request.upload_id is not None:
        return None
    return workload.default_items if request.items is None else request.items


def misfits_of_parameters(workload: Workload, request: JobRequest, items: int | None) -> dict[str, str]:
    try:
        if items is None:
            read_parameters(workload.parameters, request.parameters)
        else:
            workload.accept(request.parameters, items)
    except InvalidInput as error:
        return {name if name == "items" else f"parameters.{name}": why for name, why in error.fields.items()}
    return {}


def misfit_of_inputs(workload: Workload, request: JobRequest) -> dict[str, str]:
    """The first of the request's own items that does not fit, by its place from 1."""
    assert workload.read_item is not None, "only called for workloads that take items"
    for place, item in enumerate(request.inputs or (), start=1):
        try:
            workload.read_item(item)
        except (InvalidInput, ValueError) as error:
            return {"inputs": f"Item {place}: {error}"}
    return {}
