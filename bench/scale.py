#!/usr/bin/env python3
"""More cores: training with 1, 2, 4 .. threads, in f32 and bf16, nudge and PyTorch in turn; the speed-up over one thread, and
the processor time of a second of training. About 15 s a line, four lines for each number of threads: with --threads 1,4,16 three
minutes. Standard library only."""

import argparse
import os
import resource
import sys

import peers
from run import ROOT, machine, revision, write_json
from workloads import LARGE, MIDDLE, Workload, train

VARIANTS = ["trace+epoch+foreach", "eager+epoch+foreach"]


def thread_counts(cpus):
    """1, 2, 4 .. and all of them."""
    counts = [1]
    while 2 * counts[-1] < cpus:
        counts.append(2 * counts[-1])
    return counts + [cpus] if cpus > 1 else counts


def measure(programs, name, arguments, environment):
    """The answer, with the processor seconds that the whole process took for a second of its life."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), os.times().elapsed
    answer = programs.run(name, arguments, environment)[0]
    after, elapsed = resource.getrusage(resource.RUSAGE_CHILDREN), os.times().elapsed - begin
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {**answer, "processors": spent / elapsed if elapsed else 0}


def best_of(programs, workload, threads, name, options):
    arguments = workload.arguments() + ["--threads", str(threads), "--seconds", str(options.seconds), "--warmup", "0.3",
                                        "--rows", "20000"]
    if name == "nudge":
        return max((measure(programs, name, arguments, None) for _ in range(options.rounds)), key=peers.speed)
    environment = {"OMP_NUM_THREADS": str(threads), "OMP_PROC_BIND": "true"}
    if "avx512f" in machine()["extensions"]:  # which its libraries do not use by themselves on every CPU
        environment.update(OPENBLAS_CORETYPE="SKYLAKEX", ATEN_CPU_CAPABILITY="avx512")
    return max((measure(programs, name, arguments + ["--variant", variant], environment) for variant in VARIANTS), key=peers.speed)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default=os.path.join(ROOT, "build", "release"))
    parser.add_argument("--output", default=os.path.join(ROOT, "build", "bench", "scale.json"))
    parser.add_argument("--seconds", type=float, default=0.7, help="measured in each process")
    parser.add_argument("--rounds", type=int, default=2, help="of nudge; PyTorch has one for each of its two quickest ways")
    parser.add_argument("--threads", help="these numbers, separated by commas, instead of 1, 2, 4 .. CPUs")
    parser.add_argument("--programs", default="nudge,torch")
    options = parser.parse_args()
    programs = peers.Programs(options.build, only=["nudge"] + options.programs.split(","))
    if "nudge" not in programs.commands:
        sys.exit(programs.missing["nudge"] + "\nBuild it: cmake --build --preset release --target bench")
    for why in programs.missing.values():
        print("not measured: " + why, file=sys.stderr)
    names = [name for name in ("nudge", "torch") if name in programs.commands]
    counts = [int(count) for count in options.threads.split(",")] if options.threads else thread_counts(len(os.sched_getaffinity(0)))
    lines = []
    print("| network | precision | threads | " + " | ".join(f"{name}: samples/s | × one thread | processors busy" for name in names) +
          " | ratio |")
    print("|---|---|--:|" + "--:|--:|--:|" * len(names) + "--:|")
    for sizes, batch in ((MIDDLE, 128), (LARGE, 256)):
        for precision in ("f32", "bf16"):
            workload, ones = Workload("", "", train(sizes, batch, precision=precision), names[1:]), {}
            for threads in counts:
                line = {"sizes": sizes, "precision": precision, "threads": threads, "programs": {}}
                cells = []
                for name in names:
                    answer = best_of(programs, workload, threads, name, options)
                    line["programs"][name] = answer
                    ones.setdefault(name, peers.speed(answer))
                    if not peers.speed(answer):
                        cells.append(f"{answer.get('skipped', 'no answer')} | | ")
                        continue
                    gain = peers.speed(answer) / ones[name] if ones[name] else 0
                    cells.append(f"{peers.speed(answer):,.0f} | {gain:.2f} | {answer['processors']:.1f}")
                speeds = [peers.speed(line["programs"][name]) for name in names]
                ratio = f"{speeds[0] / speeds[1]:.2f}" if len(speeds) > 1 and all(speeds) else ""
                print(f"| {sizes} | {precision} | {threads} | " + " | ".join(cells) + f" | {ratio} |", flush=True)
                lines.append(line)
    write_json(options.output, {"machine": machine(), "revision": revision(), "lines": lines})


if __name__ == "__main__":
    main()
