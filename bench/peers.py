"""How each program of the benchmark is started, and which of a peer's configurations is its fastest.

A configuration is a peer's variant (see the workers) and an environment: BLAS, threads, binding of threads to CPUs,
instruction set. Every peer is given its own best one for each workload.
"""

import glob
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


class Programs:
    """The workers' commands; `missing` says why there is none."""

    def __init__(self, build, only=("nudge", "peak", "fann", "torch", "sklearn")):
        self.commands, self.missing = {}, {}
        for name, file in (("nudge", "nudge-bench"), ("peak", "peak"), ("fann", "peer-fann")):
            path = os.path.join(build, "bench", file)
            if name not in only:
                continue
            why = left_out(path)
            if why:
                self.missing[name] = why
            else:
                self.commands[name] = [path]
        for name, module in (("torch", "torch"), ("sklearn", "sklearn")):
            if name not in only:
                continue
            python = python_with(module)
            if python:
                self.commands[name] = [python, os.path.join(HERE, f"peer_{name}.py")]
            else:
                self.missing[name] = f"no Python here has the module {module} (Debian: python3-{module})"

    def run(self, name, arguments, environment=None, timeout=300):
        """The worker's answers, a dictionary a line; {"skipped": why} when it could not."""
        done = subprocess.run(self.commands[name] + arguments, env={**os.environ, **(environment or {})},
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=timeout, check=False)
        if done.returncode:
            return [{"program": name, "skipped": (done.stderr.strip().splitlines() or ["failed"])[-1]}]
        return [json.loads(line) for line in done.stdout.splitlines()]


def left_out(path):
    """Why the program was not built, as CMake tells; None when it is there."""
    try:
        with open(path + ".left-out", encoding="utf-8") as file:
            return file.read().strip()
    except OSError:
        return None if os.path.exists(path) else f"{path} has not been built"


def python_with(module):
    """The Python that has the module: this one, or Debian's own."""
    for python in (sys.executable, "/usr/bin/python3"):
        if subprocess.run([python, "-c", f"import {module}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          check=False).returncode == 0:
            return python
    return None


def blas_folders():
    """The variants of OpenBLAS that are installed beside each other, as Debian does it: name -> folder."""
    folders = glob.glob("/usr/lib/*/openblas-*/libblas.so.3")
    return {os.path.basename(os.path.dirname(path)): os.path.dirname(path) for path in folders}


def environments():
    """name -> environment, the most promising first."""
    cpus = len(os.sched_getaffinity(0))
    found = {}
    for blas, folder in sorted(blas_folders().items()) or [("system BLAS", None)]:
        for threads in sorted({cpus, 1}, reverse=True):
            base = {"OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(threads)}
            if folder:
                base["LD_LIBRARY_PATH"] = folder
            name = f"{blas}, {threads} thread{'s' if threads > 1 else ''}"
            found[name] = base
            if threads > 1 and "pthread" not in blas:
                # Bound threads of OpenMP stay on CPUs of their own; threads of OpenBLAS would inherit one CPU.
                found[name + ", bound"] = {**base, "OMP_PROC_BIND": "true"}
    return found


def refinements(program, name, environment):
    """The same with instructions that the libraries do not take by themselves on every CPU."""
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
        if " avx512f " not in file.read():
            return {}
    found = {name + ", OpenBLAS SkylakeX": {**environment, "OPENBLAS_CORETYPE": "SKYLAKEX"}}
    if program == "torch":
        found[name + ", ATen avx512"] = {**environment, "ATEN_CPU_CAPABILITY": "avx512"}
    return found


def speed(answer):
    return answer.get("samples_per_second", 0)


def measure_variants(programs, name, workload, variant, environment, seconds):
    """The worker's answers on no more rows than a search needs."""
    arguments = workload.arguments() + ["--variant", variant, "--seconds", str(seconds), "--warmup", str(seconds / 3)]
    arguments += ["--rows", str(min(workload.options["rows"], 20000))]
    arguments += ["--threads", environment.get("OMP_NUM_THREADS", "1")]
    return programs.run(name, arguments, environment)


FINALISTS = 3


def tune(programs, name, workload, seconds, say):
    """The environment and variant with which the peer is fastest, and all that was measured. The best few are measured
    again, for longer: among many short measurements the luckiest is not the fastest."""
    tried = []

    def attempt(label, environment):
        for answer in measure_variants(programs, name, workload, "all", environment, seconds):
            tried.append({"environment": label, "variables": environment, **answer})

    if name == "fann":
        attempt("1 thread", {})
    else:
        for label, environment in environments().items():
            attempt(label, environment)
        best = max(tried, key=speed)
        for label, environment in refinements(name, best["environment"], best["variables"]).items():
            attempt(label, environment)
    finalists = sorted(filter(speed, tried), key=speed, reverse=True)[:FINALISTS]
    if not finalists:
        say(f"  {name}: {tried[0].get('skipped', 'no answer') if tried else 'no answer'}")
        return {"environment_name": None, "environment": {}, "variant": None, "tried": tried}
    for finalist in finalists * 2:
        again = measure_variants(programs, name, workload, finalist["variant"], finalist["variables"], 2 * seconds)
        finalist["final"] = max(finalist.get("final", 0), speed(again[0]))
    best = max(finalists, key=lambda finalist: finalist["final"])
    say(f"  {name}: {best['variant']} with {best['environment']}")
    return {"environment_name": best["environment"], "environment": best["variables"], "variant": best["variant"],
            "tried": tried}
