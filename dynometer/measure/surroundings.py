"""The environment variables that measuring must know or set; everything else of them is the user's."""

import os

THREAD_LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS",
                 "VECLIB_MAXIMUM_THREADS", "NUMEXPR_NUM_THREADS", "NUMBA_NUM_THREADS", "RAYON_NUM_THREADS")


def for_child(library_threads: int) -> dict[str, str]:
    """The environment of a measuring process: this one's, with the threads of numeric libraries pinned.

    They read it once, when they are loaded, so it must be set before the process starts.
    """
    return dict(os.environ) | dict.fromkeys(THREAD_LIMITS, str(library_threads))  # noqa: TID251 - a child inherits it


def hash_seed() -> str:
    """The seed of str hashes, as PYTHONHASHSEED says it; "random" when it differs from process to process."""
    return os.environ.get("PYTHONHASHSEED", "random")  # noqa: TID251 - the interpreter keeps no other trace of it
