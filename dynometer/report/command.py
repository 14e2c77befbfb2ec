"""The command that measures a plan again."""

import shlex

from dynometer import execution
from dynometer.measure.plan import Plan


def command_of(plan: Plan) -> str:
    """For a shell: the same points, items, seed and limits."""
    asked = [point for point in plan.points if point not in plan.diagnostic]
    asked += [setback.point for setback in plan.setbacks]
    models = list(dict.fromkeys(point.model for point in asked))
    scaled = [point for point in asked if execution.find(point.model).most_workers != 1]
    workers = sorted({point.workers for point in scaled or asked})
    variants = sorted({point.variant for point in asked})
    by_model = {(point.model, point.variant) for point in asked}
    if len(variants) > 1 and len(by_model) == len(models):
        variants = []  # each model ran the first variant that it could: so it will again
    words = ["python", "-m", "dynometer", "sweep", plan.workload, "--models", ",".join(models),
             "--workers", ",".join(map(str, workers))]
    words += ["--variants", ",".join(variants)] if variants else []
    for name, value in plan.parameters.items():
        words += ["--param", f"{name}={value}"]
    if plan.inputs is None or plan.items != len(plan.inputs):
        words += ["--items", str(plan.items)]
    words += [] if plan.inputs is None else ["--inputs", plan.inputs_file or "FILE"]
    words += ["--budget", f"{plan.budget_s:g}", "--seed", str(plan.seed), "--start-method", plan.start_method,
              "--library-threads", str(plan.library_threads)]
    if not plan.diagnoses:
        words.append("--no-diagnosis")
    return shlex.join(words)
