#!/usr/bin/env python3
"""Where the microseconds of a training step go: samples of `perf record` over each training workload of the benchmark, by what
the functions are for. Needs perf (Debian: linux-perf) and the right to use it. Standard library only."""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

import peers
import workloads
from run import ROOT

# (what, files of code, functions), the first that fits
KINDS = [
    ("products", r"", r"^(product|column|passes|add_passes|dense|pack_transposed|transpose|add_to|tile|multiply)"),
    ("copies", r"", r"^(copy_|turn_|put_[xd]|put_in_panels)"),
    ("update", r"", r"^(update|optimizer)"),
    ("activations, cost", r"", r"^(forward|backward|f32_|cost_|softmax|batch_(cost|right|answer))"),
    ("batch", r"", r"^(batch|convert|put|fetch|order|shuffle|take_rows)"),
    ("waiting for threads", r"", r"^(worker|wait_for_job|work_on|(open|close)_gate)"),
    ("system", r"kernel", r""),
]
COLUMNS = ["products", "copies", "update", "batch", "activations, cost", "waiting for threads", "system", "rest"]
WARM_UP, SECONDS = 4, 4


def kind_of(place, function):
    for what, places, functions in KINDS:
        if re.search(places, place) and re.search(functions, function):
            return what
    return "rest"


def profile(command):
    """(seconds a step, {kind: share of the samples})"""
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "perf.data")
        answer = subprocess.run(["perf", "record", "-q", "-F", "1999", "-D", str(1000 * WARM_UP), "-o", file] + command,
                                check=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        report = subprocess.run(["perf", "report", "-i", file, "--no-children", "--stdio", "-F", "sample,dso,symbol", "-t", ";",
                                 "--percent-limit", "0"], check=True, text=True, stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL).stdout
    shares = dict.fromkeys(COLUMNS, 0)
    for line in report.splitlines():
        cells = [cell.strip() for cell in line.split(";")]
        if len(cells) >= 3 and cells[0].isdigit():
            function = re.sub(r"^\[.\] ", "", cells[2])
            shares[kind_of(cells[1], function)] += int(cells[0])
    total = sum(shares.values())
    return json.loads(answer)["seconds_per_step"], {kind: count / max(total, 1) for kind, count in shares.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default=os.path.join(ROOT, "build", "release"))
    parser.add_argument("--only", help="one workload's name")
    parser.add_argument("--rounds", type=int, default=3, help="the fastest is shown")
    options = parser.parse_args()
    programs = peers.Programs(options.build, only=["nudge"])
    if "nudge" not in programs.commands:
        sys.exit(programs.missing["nudge"])
    print("| workload | µs/step | " + " | ".join(COLUMNS) + " |\n|---|--:" + "|--:" * len(COLUMNS) + "|")
    for workload in workloads.WORKLOADS:
        if not workload.trains() or (options.only and workload.name != options.only):
            continue
        command = programs.commands["nudge"] + workload.arguments() + ["--seconds", str(WARM_UP + SECONDS)]
        seconds, shares = min((profile(command) for _ in range(options.rounds)), key=lambda result: result[0])
        cells = [workload.title, f"{1e6 * seconds:,.1f}"] + [f"{100 * shares[kind]:.1f} %" for kind in COLUMNS]
        print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
