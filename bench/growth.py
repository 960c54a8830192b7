#!/usr/bin/env python3
"""Growth: the time of a step over width, batch and rows. Time per work must not grow: each line is compared with the
least time per work of the smaller ones. Work is counted in multiplications with additions. Standard library only."""

import argparse
import os
import sys

import peers
from run import ROOT, machine, revision, write_json

TOLERANCE = 1.25  # what noise and a larger level of memory may cost


def work_of(sizes, rows):
    """Of a training step: forward and weight gradients of every layer, backward data of all but the first."""
    products = [inputs * outputs for inputs, outputs in zip(sizes, sizes[1:])]
    return rows * (3 * sum(products) - products[0])


def cases(most_rows):
    """(table, what grows, sizes, batch, rows, mode)"""
    for width in (64, 128, 256, 512, 1024, 2048, 4096):
        yield "width", width, [width, width, width, 10], 128, 4096, "train"
    for batch in (1, 4, 16, 64, 256, 1024, 4096):
        yield "batch", batch, [784, 128, 10], batch, 16384, "train"
    for rows in (10**4, 10**5, 10**6, 10**7):
        if rows <= most_rows:
            yield "rows", rows, [64, 32, 10], 128, rows, "epoch"


def measure(programs, case, rounds, seconds, engine):
    """The shortest step of several rounds."""
    _, _, sizes, batch, rows, mode = case
    arguments = ["--mode", mode, "--sizes", "-".join(map(str, sizes)), "--batch", str(batch), "--rows", str(rows),
                 "--activation", "relu", "--cost", "cross-entropy", "--learning-rate", "0.001",
                 "--seconds", str(seconds), "--engine", engine]
    answers = [programs.run("nudge", arguments)[0] for _ in range(rounds)]
    if any("seconds_per_step" not in answer for answer in answers):
        sys.exit(answers[0].get("skipped", "no answer"))
    return min(answer["seconds_per_step"] for answer in answers)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default=os.path.join(ROOT, "build", "release"))
    parser.add_argument("--output", default=os.path.join(ROOT, "build", "bench", "growth.json"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--rows", type=int, default=10**7, help="at most; 10^7 take 1.5 GB of memory")
    options = parser.parse_args()
    programs = peers.Programs(options.build, only=["nudge"])
    if "nudge" not in programs.commands:
        sys.exit(programs.missing["nudge"])
    lines, least = [], {}
    print("| grows | to | network | batch | µs/step | work/step | ps/work | against the least before |")
    print("|---|--:|---|--:|--:|--:|--:|--:|")
    for case in cases(options.rows):
        table, size, sizes, batch, _, _ = case
        seconds = measure(programs, case, options.rounds, options.seconds, options.engine)
        work = work_of(sizes, batch)
        ratio = seconds / work / least.get(table, seconds / work)
        least[table] = min(least.get(table, seconds / work), seconds / work)
        lines.append({"grows": table, "to": size, "sizes": sizes, "batch": batch, "seconds_per_step": seconds,
                      "work": work, "seconds_per_work": seconds / work, "ratio": ratio, "met": ratio <= TOLERANCE})
        print(f"| {table} | {size:,} | {'-'.join(map(str, sizes))} | {batch} | {1e6 * seconds:,.1f} | {work:,} | "
              f"{1e12 * seconds / work:.2f} | {ratio:.2f}{'' if ratio <= TOLERANCE else ' grows'} |", flush=True)
    write_json(options.output, {"machine": machine(), "revision": revision(), "tolerance": TOLERANCE, "lines": lines})


if __name__ == "__main__":
    main()
