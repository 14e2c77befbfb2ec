"""Other engines on the same work: each in a client process of its own, with two workers, started and warmed before."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Peer:
    """One engine as its users would write it.  `key` is the module here that does."""

    key: str
    title: str
    is_durable: bool = False  # results survive the client, the workers and the broker
    is_per_item: bool = False  # a task per item, no chunks made by hand
    most_items: int | None = None  # of one job: at 2 ms an item, more would take minutes


ALL = (
    Peer("pool", "Pool.map"),
    Peer("celery_chunks", "Celery, chunks by hand", is_durable=True),
    Peer("celery_each", "Celery, task per item", is_per_item=True, most_items=2000),
    Peer("dask_each", "Dask, task per item", is_per_item=True, most_items=2000),
    Peer("ray_each", "Ray, task per item", is_per_item=True, most_items=4000),
)
BY_KEY = {peer.key: peer for peer in ALL}
