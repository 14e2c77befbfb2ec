"""The instrument: workloads, and how Python scales on them.

Usable alone: nothing here imports Flask, Celery or SQLAlchemy.
"""

__version__ = "0.1.0"
