#!/usr/bin/env python3
"""The benchmark: nudge and its peers in turn on the same work, several rounds, the best of each (make bench).

Each round runs one process for each workload and program: nudge as it comes, each peer in the configuration that was its
fastest in a search before the rounds, and the machine's own limits: fused multiply-adds, and where oneDNN is installed its
bare products of the same shapes. The search is kept in build/bench/tuning.json; --retune does it anew. Standard library only.
"""

import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys

import peers
import process
import tables
from workloads import WORKLOADS

ROOT = os.path.dirname(peers.HERE)


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default=os.path.join(ROOT, "build", "release"), help="folder of the build")
    parser.add_argument("--output", default=os.path.join(ROOT, "build", "bench", "results.json"))
    parser.add_argument("--only", action="append", metavar="WORKLOAD", help="may be given several times")
    parser.add_argument("--programs", help="only these, separated by commas: nudge,torch,sklearn,fann,peak")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.5, help="measured in each process")
    parser.add_argument("--quick", action="store_true", help="2 rounds of 0.5 s, a short search: a first impression")
    parser.add_argument("--retune", action="store_true", help="search the peers' configurations anew")
    parser.add_argument("--markdown", metavar="RESULTS", help="print the table of kept results and measure nothing")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.seconds = 2, 0.5
    names = [workload.name for workload in WORKLOADS] + list(process.NAMES)
    for name in options.only or ():
        if name not in names:
            parser.error(f"there is no workload {name}; there are {', '.join(names)}")
    return options


def say(text):
    print(text, file=sys.stderr, flush=True)


def machine():
    """What the figures depend on."""
    model, flags = "unknown CPU", []
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
            if line.startswith("flags"):
                flags = line.split(":", 1)[1].split()
                break
    extensions = [flag for flag in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if flag in flags]
    return {"cpu": model, "cpus": len(os.sched_getaffinity(0)), "extensions": extensions,
            "system": platform.platform(), "load": os.getloadavg()[0]}


def revision():
    """The commit that is measured, with a + when files differ from it."""
    done = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty=+"], stdout=subprocess.PIPE, text=True,
                          check=False)
    return done.stdout.strip()


# -- what will be measured --

def announce(programs, chosen, options):
    """Which programs, limits and workloads will be measured, and which will not, and why: before the minutes go by."""
    names = {**tables.NAMES, "peak": "the machine's limits"}
    say("measured      " + ", ".join(names[name] for name in names if name in programs.commands))
    lines = [f"{names[name]}: {why}" for name, why in programs.missing.items()]
    bf16 = [workload for workload in chosen if workload.options["precision"] == "bf16"]
    if bf16:
        answer = programs.run("nudge", bf16[0].arguments() + ["--seconds", "0.01", "--warmup", "0", "--rows", "257"])[0]
        if "skipped" in answer:
            lines.append(f"{len(bf16)} workloads in bf16, by nudge: {answer['skipped']}")
    nudge = os.path.join(options.build, "nudge")
    import time_to_accuracy  # as process.py does
    if not time_to_accuracy.mnist_folder(nudge) and (not options.only or "time-to-accuracy" in options.only):
        lines.append("time to accuracy: it needs MNIST's .gz files in $NUDGE_DATA/mnist")
    for number, line in enumerate(lines):
        say(("not measured  " if number == 0 else " " * 14) + line)


# -- tuning --

def load_tuning(path):
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError):
        return {}


def tune_all(programs, chosen, options):
    """{workload: {peer: configuration}}, from the kept search where it has them."""
    path = os.path.join(os.path.dirname(options.output), "tuning.json")
    kept = {} if options.retune else load_tuning(path)
    for workload in chosen:
        for name in workload.peers:
            if name not in programs.commands or name in kept.get(workload.name, {}):
                continue
            say(f"searching the best configuration of {name}: {workload.name}")
            kept.setdefault(workload.name, {})[name] = peers.tune(
                programs, name, workload, 0.15 if options.quick else 0.4, say)
            write_json(path, kept)
    return kept


def write_json(path, value):
    """Whole or not at all."""
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump(value, file, indent=1)
        file.write("\n")
    os.replace(path + ".new", path)


# -- rounds --

def run_worker(programs, name, workload, configuration, seconds):
    """One answer: the workload once by one program."""
    arguments = workload.arguments() + ["--seconds", str(seconds)]
    environment = {}
    if name == "fma":
        return programs.run("peak", ["--mode", "fma", "--seconds", "0.2", "--warmup", "0.1"], {"OMP_PROC_BIND": "true"})[0]
    if name == "peak":
        arguments += ["--mode", "products" if workload.trains() else "products-forward"]
        environment = {"OMP_PROC_BIND": "true"}
    elif name != "nudge":
        environment = configuration["environment"]
        arguments += ["--variant", configuration["variant"], "--threads", environment.get("OMP_NUM_THREADS", "1")]
    answer = programs.run(name, arguments, environment)[0]
    if name == "peak" and "seconds_per_step" in answer:
        answer["samples_per_second"] = workload.options["batch"] / answer["seconds_per_step"]
        answer["variant"] = "bare oneDNN products"
    elif name not in ("nudge", "peak"):
        answer["environment"] = configuration["environment_name"]
    return answer


def measure(programs, chosen, tuning, options):
    """{workload: {program: [answers]}}: rounds outside, so that a busy spell of the machine meets all programs."""
    answers = {workload.name: {} for workload in chosen}
    for number in range(1, options.rounds + 1):
        for workload in chosen:
            say(f"round {number} of {options.rounds}: {workload.name}")
            for name in ["nudge", *workload.peers, "peak", "fma"]:
                configuration = tuning.get(workload.name, {}).get(name)
                if ("peak" if name == "fma" else name) not in programs.commands:
                    continue
                if name in workload.peers and not (configuration and configuration["variant"]):
                    continue
                answers[workload.name].setdefault(name, []).append(
                    run_worker(programs, name, workload, configuration, options.seconds))
    return answers


def summarise(answers):
    """Best and median of one program's answers."""
    measured = [answer for answer in answers if "samples_per_second" in answer]
    if not measured:
        return {"skipped": answers[0].get("skipped", "no answer")}
    best = max(measured, key=peers.speed)
    return {"samples_per_second": best["samples_per_second"], "seconds_per_step": best["seconds_per_step"],
            "median_samples_per_second": statistics.median(map(peers.speed, measured)),
            "configuration": ", ".join(filter(None, [best.get("variant"), best.get("environment")])),
            "rounds": len(measured)}


def judge(chosen, results):
    """Adds ratio, share of the peak and whether the goals are met to each workload's result."""
    for workload in chosen:
        row = results[workload.name]
        programs = row["programs"]
        ours = programs.get("nudge", {}).get("samples_per_second")
        reference = results.get(workload.reference, row)["programs"]
        best = max((reference[name].get("samples_per_second", 0) for name in reference if name not in ("nudge", "peak")),
                   default=0)
        peak = row.pop("flops_per_second", None)
        row.update(title=workload.title, goal=workload.goal, aim=workload.aim, share_goal=workload.share)
        if ours and best:
            row["ratio"] = ours / best
            row["goal_met"] = row["ratio"] >= workload.goal
        if ours and peak:
            twice = 2 if workload.options["precision"] == "bf16" else 1  # AVX512_BF16 multiplies twice as many numbers
            row["share"] = ours * workload.flops() / (twice * peak)
            if workload.share:
                row["share_met"] = row["share"] >= workload.share


def main():
    options = parse_options()
    if options.markdown:
        with open(options.markdown, encoding="utf-8") as file:
            print(tables.markdown(json.load(file)))
        return
    chosen = [workload for workload in WORKLOADS if not options.only or workload.name in options.only]
    wanted = options.programs.split(",") if options.programs else ["nudge", "torch", "sklearn", "fann", "peak"]
    programs = peers.Programs(options.build, wanted + ["nudge"])
    if "nudge" not in programs.commands:
        sys.exit(programs.missing["nudge"] + "\nBuild it: cmake --build --preset release --target bench")
    announce(programs, chosen, options)
    about = {"date": datetime.date.today().isoformat(), "revision": revision(), "machine": machine(),
             "rounds": options.rounds, "seconds": options.seconds}
    tuning = tune_all(programs, chosen, options)
    answers = measure(programs, chosen, tuning, options)
    results = {name: {"flops_per_second": max((answer["flops_per_second"] for answer in by_program.pop("fma", [])), default=None),
                      "programs": {program: summarise(all_of) for program, all_of in by_program.items()}}
               for name, by_program in answers.items()}
    judge(chosen, results)
    document = {"about": about, "missing": programs.missing, "workloads": results,
                "process": process.measure(programs, options, say), "answers": answers}
    write_json(options.output, document)
    print(tables.text(document))
    say(f"written: {options.output}")


if __name__ == "__main__":
    main()
