"""What the benchmark's Python workers share: the options, rows and answer of worker.c, for the same work on the same rows."""

import argparse
import json
import sys
import time

import numpy


def parse_options():
    """The options of one workload; the defaults are those of worker.c."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--mode", default="train")
    parser.add_argument("--sizes", default="784-30-10")
    parser.add_argument("--activation", default="sigmoid")
    parser.add_argument("--cost", default="quadratic")
    parser.add_argument("--optimizer", default="sgd")
    parser.add_argument("--precision", default="f32")
    parser.add_argument("--variant")
    parser.add_argument("--learning-rate", type=float, default=0.1)
    parser.add_argument("--batch", type=int, default=10)
    parser.add_argument("--rows", type=int, default=60000)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--warmup", type=float, default=0.3)
    parser.add_argument("--engine", help="nudge's; of no meaning here")
    options = parser.parse_args()
    options.sizes = [int(size) for size in options.sizes.split("-")]
    return options


def mix(x):
    """Every bit of the answer depends on every bit of x: mix() of worker.c, for arrays of uint64."""
    x = x ^ (x >> numpy.uint64(33))
    x = x * numpy.uint64(0xFF51AFD7ED558CCD)
    x = x ^ (x >> numpy.uint64(33))
    x = x * numpy.uint64(0xC4CEB9FE1A85EC53)
    return x >> numpy.uint64(32)


def make_rows(rows, features):
    """values[rows][features], f32 in 0 .. 1: bench_rows_f32() of worker.c."""
    values = numpy.empty((rows, features), numpy.float32)
    for first in range(0, rows, 1000):
        last = min(first + 1000, rows)
        bits = mix(numpy.arange(first * features + 1, last * features + 1, dtype=numpy.uint64))
        pixels = numpy.where(bits % 5 == 0, 1 + (bits >> numpy.uint64(8)) % 255, 0)
        values[first:last] = (pixels.astype(numpy.float32) / numpy.float32(255)).reshape(-1, features)
    return values


def make_labels(rows, classes):
    """labels[rows]: bench_labels() of worker.c."""
    return (mix(~numpy.arange(rows, dtype=numpy.uint64)) % numpy.uint64(classes)).astype(numpy.int64)


def measure(run, options):
    """Calls run(), which returns (samples, steps), until the warm-up and then the time are over; what the time held."""
    end = time.perf_counter() + options.warmup
    while time.perf_counter() < end:
        run()
    samples = steps = 0
    begin = now = time.perf_counter()
    while now - begin < options.seconds or steps == 0:
        more = run()
        samples, steps = samples + more[0], steps + more[1]
        now = time.perf_counter()
    return samples, steps, now - begin


def report(options, program, variant, threads, samples, steps, seconds):
    """One line of JSON, as workload_report() of worker.c."""
    print(json.dumps({
        "program": program, "mode": options.mode, "precision": options.precision, "variant": variant,
        "threads": threads, "samples_per_second": samples / seconds, "seconds_per_step": seconds / steps,
        "steps": steps,
    }), flush=True)


def skip(program, why):
    """There is nothing to measure here."""
    print(json.dumps({"program": program, "skipped": why}))
    sys.exit(0)
