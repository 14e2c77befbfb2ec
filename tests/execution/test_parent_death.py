"""Workers end when the process that started them is killed."""

import json
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from dynometer.execution import all_models
from tests.execution.conftest import alive, own

ROOT = Path(__file__).parents[2]
OF_PROCESSES = [key for key, model in all_models().items() if model.uses_processes]
SCRIPT = """
import json, sys, threading
from dynometer.execution import find
from dynometer.execution.model import Work

if __name__ == "__main__":
    key, start_method, workload, item = sys.argv[1:]
    with find(key).crew(Work(workload, "python", {{}}), 2, start_method) as crew:
        print(json.dumps(list(crew.process_ids())), flush=True)
        crew.run([int(item)] * 2, 1)
"""


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
@pytest.mark.parametrize("key", OF_PROCESSES)
def test_no_worker_outlives_a_parent_that_is_killed_while_they_hang(key, method, tmp_path):
    script = tmp_path / "measures.py"
    script.write_text(SCRIPT.replace("{{}}", "{}"))
    command = [sys.executable, script, key, method, own("hangs").workload, "1"]
    with subprocess.Popen(command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE) as parent:
        process_ids = json.loads(parent.stdout.readline())
        family = [child.pid for child in psutil.Process(parent.pid).children(recursive=True)]

        parent.kill()

    assert len(process_ids) >= 2
    assert not alive(process_ids + family)
