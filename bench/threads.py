#!/usr/bin/env python3
"""Threads: the time of a training step with one thread and with all, over networks and mini-batches; also on a machine
whose CPUs another program keeps busy (--busy N: so many programs that only compute). Standard library only."""

import argparse
import os
import signal
import subprocess
import sys

import peers
from run import ROOT, machine, revision, write_json

NETWORKS = [[13, 16, 3], [64, 32, 10], [100, 100, 10], [784, 30, 10], [784, 16, 16, 10], [784, 128, 10],
            [784, 512, 512, 10]]
BATCHES = (1, 10, 32, 128, 512)
TOLERANCE = 0.95  # what noise may cost where both do the same


def measure(programs, sizes, batch, threads, options):
    arguments = ["--mode", "train", "--sizes", "-".join(map(str, sizes)), "--batch", str(batch), "--rows", "16384",
                 "--activation", "relu", "--cost", "cross-entropy", "--learning-rate", "0.001",
                 "--seconds", str(options.seconds), "--warmup", str(options.warmup), "--threads", str(threads), "--precision", options.precision]
    answer = programs.run("nudge", arguments)[0]
    if "seconds_per_step" not in answer:
        sys.exit(answer.get("skipped", "no answer"))
    return answer["seconds_per_step"]


def keep_busy(count):
    return [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default=os.path.join(ROOT, "build", "release"))
    parser.add_argument("--output", default=os.path.join(ROOT, "build", "bench", "threads.json"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.2)
    parser.add_argument("--warmup", type=float, default=0.7, help="before; by then it is known what is quicker")
    parser.add_argument("--precision", default="f32")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="compared with 1")
    parser.add_argument("--busy", type=int, default=0, help="programs that keep a CPU busy meanwhile")
    options = parser.parse_args()
    programs = peers.Programs(options.build, only=["nudge"])
    if "nudge" not in programs.commands:
        sys.exit(programs.missing["nudge"])
    busy = keep_busy(options.busy)
    lines = []
    try:
        print(f"| network | batch | µs/step, 1 thread | {options.threads} threads | speed-up |")
        print("|---|--:|--:|--:|--:|")
        for sizes in NETWORKS:
            for batch in BATCHES:
                seconds = {1: [], options.threads: []}
                for _ in range(options.rounds):
                    for threads, times in seconds.items():
                        times.append(measure(programs, sizes, batch, threads, options))
                one, all_of_them = (min(times) for times in seconds.values())
                name, ratio = "-".join(map(str, sizes)), one / all_of_them
                lines.append({"sizes": sizes, "batch": batch, "one": one, "all": all_of_them, "ratio": ratio})
                print(f"| {name} | {batch} | {1e6 * one:,.1f} | {1e6 * all_of_them:,.1f} | "
                      f"{ratio:.2f}{'' if ratio >= TOLERANCE else ' slower'} |", flush=True)
    finally:
        for process in busy:
            process.send_signal(signal.SIGKILL)
    write_json(options.output, {"machine": machine(), "revision": revision(), "threads": options.threads,
                                "busy": options.busy, "precision": options.precision, "lines": lines})


if __name__ == "__main__":
    main()
