"""Time to accuracy: from the start of the command, reading MNIST's .gz files included, until the network has learnt so much.

Each seed is one whole process, nudge and PyTorch in turn. A peer counts only where its mean accuracy reaches the target.
PyTorch's script gets nudge's own recipe, and one of its users' that was found by trying: the faster one counts.
"""

import json
import os
import shlex
import statistics

import peers
import process

SEEDS = 10
GOAL_RATIO = 4.0

# Target, nudge's recipe, goal in seconds, and the usual network with as many epochs as PyTorch needs for the target.
TARGETS = [
    (0.97, "fast-97.txt", 0.8, "--hidden 256 --activation relu --batch-size 128 --lr 0.01 --epochs 1"),
    (0.98, "fast-98.txt", 1.5, "--hidden 256 --activation relu --batch-size 128 --lr 0.01 --epochs 3"),
]
SHARED_OPTIONS = ("--hidden", "--activation", "--batch-size", "--epochs", "--lr", "--beta1", "--beta2", "--warmup")


def recipe_options(path):
    """The recipe's options that the PyTorch script has, too."""
    found = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            words = shlex.split(line, comments=True)
            if words and words[0] in SHARED_OPTIONS:
                found += words
    return found


def mnist_folder(nudge):
    """The folder in which nudge finds MNIST as .gz files; None when it does not."""
    home = os.path.join(os.environ.get("NUDGE_DATA", ""), "mnist")
    there = os.path.exists(os.path.join(home, "train-images-idx3-ubyte.gz"))
    return home if there and process.digits_data(nudge) == "mnist" else None


def run_nudge(nudge, recipe, seed):
    seconds, _, output = process.run_process(
        [nudge, "train", "mnist", "@" + recipe, "--seed", str(seed), "--json", "-q"])
    return seconds, json.loads(output.splitlines()[-1])["test_accuracy"]


class TorchScript:
    """peer_torch_accuracy.py with one recipe, in the environment in which it was fastest."""

    def __init__(self, python, folder, title, arguments):
        self.title = title
        self.command = [python, os.path.join(peers.HERE, "peer_torch_accuracy.py"), folder] + arguments
        self.environment_name, self.environment = min(peers.environments().items(), key=lambda item: self.try_in(item[1]))

    def try_in(self, environment):
        return self.run(1, environment)[0]

    def run(self, seed, environment=None):
        environment = environment or self.environment
        variables = [f"{key}={value}" for key, value in environment.items()]
        threads = environment.get("OMP_NUM_THREADS", "0")
        seconds, _, output = process.run_process(
            ["env", *variables, *self.command, "--seed", str(seed), "--threads", threads])
        return seconds, json.loads(output)["test_accuracy"]


def mean_of(runs):
    return {"seconds": statistics.mean(run[0] for run in runs), "slowest_seconds": max(run[0] for run in runs),
            "accuracy": statistics.mean(run[1] for run in runs), "lowest_accuracy": min(run[1] for run in runs)}


def measure_target(nudge, folder, python, target, seeds, say):
    accuracy, recipe_name, goal, usual = target
    recipe = os.path.join(peers.HERE, "..", "recipes", recipe_name)
    scripts = []
    if python:
        say(f"searching PyTorch's best environment: {100 * accuracy:.0f} %")
        scripts = [TorchScript(python, folder, "PyTorch with recipes/" + recipe_name, recipe_options(recipe)),
                   TorchScript(python, folder, "PyTorch with " + usual, usual.split())]
    run_nudge(nudge, recipe, 1)  # the files are in the system's cache for all
    ours, theirs = [], [[] for _ in scripts]
    for seed in range(1, seeds + 1):
        say(f"time to {100 * accuracy:.0f} %: seed {seed} of {seeds}")
        ours.append(run_nudge(nudge, recipe, seed))
        for script, runs in zip(scripts, theirs):
            runs.append(script.run(seed))
    row = {"title": f"{100 * accuracy:.0f} % of MNIST's test digits, whole process, {seeds} seeds", "target": accuracy,
           "goal_seconds": goal, "goal_ratio": GOAL_RATIO, **mean_of(ours)}
    row["reached"] = row["accuracy"] >= accuracy
    row["goal_met"] = row["reached"] and row["seconds"] <= goal
    row["peers"] = [{"title": script.title, "environment": script.environment_name, **mean_of(runs)}
                    for script, runs in zip(scripts, theirs)]
    fastest = [peer["seconds"] for peer in row["peers"] if peer["accuracy"] >= accuracy]
    if fastest:
        row["ratio"] = min(fastest) / row["seconds"]
        row["ratio_met"] = row["reached"] and row["ratio"] >= GOAL_RATIO
    return row


def measure(nudge, programs, options, say):
    """The figures of all targets; {"skipped": why} without MNIST."""
    folder = mnist_folder(nudge)
    if not folder:
        say("time to accuracy is skipped: needs MNIST's .gz files in $NUDGE_DATA/mnist")
        return {"skipped": "no MNIST in $NUDGE_DATA"}
    python = peers.python_with("torch") if "torch" in programs.commands else None
    seeds = 3 if options.quick else SEEDS
    return {"targets": [measure_target(nudge, folder, python, target, seeds, say) for target in TARGETS]}
