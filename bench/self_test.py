"""self_test.py NUDGE-BENCH: nudge's worker runs every workload for a moment, and the tables can be made of what it says.
How fast it is does not matter here."""

import json
import subprocess
import sys

sys.dont_write_bytecode = True

import tables
from run import judge, summarise
from workloads import WORKLOADS

FIELDS = {"program": str, "mode": str, "precision": str, "variant": str, "threads": int, "samples_per_second": float,
          "seconds_per_step": float, "steps": int}


def answer_of(program, workload, engine):
    """The worker's one line, checked field by field; None when the engine cannot do it here."""
    rows = 3 * workload.options["batch"] + 1
    command = [program, *workload.arguments(), "--rows", str(min(rows, workload.options["rows"])), "--seconds", "0.01",
               "--warmup", "0", "--engine", engine]
    output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    answer = json.loads(output)
    if "skipped" in answer:
        assert answer["program"] == "nudge" and answer["skipped"], answer
        return answer
    for field, kind in FIELDS.items():
        value = answer[field]
        assert isinstance(value, (int, float) if kind is float else kind), (workload.name, field, value)
        assert kind is str or value > 0, (workload.name, field, value)
    return answer


def main():
    answers = {workload.name: answer_of(sys.argv[1], workload, "auto") for workload in WORKLOADS}
    measured = [answer for answer in answers.values() if "skipped" not in answer]
    assert len(measured) >= sum(workload.options["precision"] == "f32" for workload in WORKLOADS), answers

    slower = {**measured[0], "samples_per_second": measured[0]["samples_per_second"] / 20}
    results = {name: {"programs": {"nudge": summarise([answer]), "torch": summarise([slower])}}
               for name, answer in answers.items()}
    judge(WORKLOADS, results)
    first = results[WORKLOADS[0].name]
    assert abs(first["ratio"] - 20) < 1e-6 and first["goal_met"], first
    document = {"about": {"date": "2000-01-01", "revision": "none", "rounds": 1, "seconds": 0.01,
                          "machine": {"cpu": "a CPU", "cpus": 1, "extensions": []}},
                "workloads": results, "process": {}}
    for make in (tables.text, tables.markdown):
        table = make(document)
        assert all(workload.title in table for workload in WORKLOADS) and "20.0 ×" in table, table
    print(f"{len(measured)} of {len(answers)} workloads run")


if __name__ == "__main__":
    main()
