"""Whole processes: the start of `nudge predict`, the peak memory of training on MNIST."""

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time

NAMES = ("start", "memory", "time-to-accuracy")
START_GOAL = 0.020  # seconds
MEMORY_GOAL = 150.0  # MB of 10^6 bytes
RUNS = 20  # starts a round: a start takes milliseconds


def run_process(command, stdin=None):
    """(seconds, peak bytes of memory, standard output) of one process, which must succeed."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as taken:
        given.write(stdin or b"")
        given.seek(0)
        begin = time.perf_counter()
        child = subprocess.Popen(command, stdin=given, stdout=taken, stderr=subprocess.DEVNULL, close_fds=False)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - begin
        child.returncode = os.waitstatus_to_exitcode(status)
        taken.seek(0)
        output = taken.read().decode()
    if child.returncode:
        raise RuntimeError(f"{' '.join(command)}: exit status {child.returncode}")
    return seconds, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024), output


def digits_data(nudge):
    """MNIST where nudge finds it, else as many digits that nudge draws."""
    if subprocess.run([nudge, "data", "info", "mnist"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                      check=False).returncode == 0:
        return "mnist"
    return "digits:60000/10000"


def measure_start(nudge, options):
    """`nudge predict` of one row with a saved 784-128-10, the whole process."""
    random.seed(1)
    row = " ".join(str(random.choice((0, 0, 0, 0, random.randrange(1, 256)))) for _ in range(784)) + "\n"
    with tempfile.TemporaryDirectory() as folder:
        model = os.path.join(folder, "model.nudge")
        run_process([nudge, "train", "digits:500/100", "--hidden", "128", "--activation", "relu", "--epochs", "1",
                     "-q", "-o", model])
        command = [nudge, "predict", model, "-"]
        seconds = [run_process(command, row.encode())[0] for _ in range(RUNS * options.rounds)]
    return {"title": "start: nudge predict of one row, 784-128-10, whole process", "seconds": min(seconds),
            "median_seconds": statistics.median(seconds), "goal_seconds": START_GOAL,
            "goal_met": statistics.median(seconds) <= START_GOAL}


def measure_memory(nudge):
    """Peak memory of training on MNIST: resident pages at most, as the system counts them."""
    data = digits_data(nudge)
    _, peak, _ = run_process([nudge, "train", data, "--hidden", "128", "--activation", "relu", "--batch-size", "32",
                              "--epochs", "1", "-q"])
    return {"title": f"peak memory of training 784-128-10 on {data}", "megabytes": peak * 1e-6, "goal_megabytes": MEMORY_GOAL,
            "goal_met": peak * 1e-6 <= MEMORY_GOAL}


def measure(programs, options, say):
    """{name: figures} of those that were asked for."""
    import time_to_accuracy  # uses this file's run_process

    nudge = os.path.join(options.build, "nudge")
    wanted = [name for name in NAMES if not options.only or name in options.only]
    results = {}
    if "start" in wanted:
        say("start of the process")
        results["start"] = measure_start(nudge, options)
    if "memory" in wanted:
        say("peak memory")
        results["memory"] = measure_memory(nudge)
    if "time-to-accuracy" in wanted:
        results["time-to-accuracy"] = time_to_accuracy.measure(nudge, programs, options, say)
    return results
