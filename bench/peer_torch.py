"""PyTorch's side of the benchmark: the training step that its users write, in every way that may be the fastest.

A variant is words joined by "+":
    eager    the module as it is         | trace    compiled by torch.jit.trace
    each     rows gathered for each step | epoch    all rows permuted once an epoch, steps are slices
    loop     the optimizer tensor by tensor | foreach  its multi-tensor form
and for prediction
    eager | trace | mkldnn (oneDNN's own tensors) | bfloat16 (parameters and rows in bf16), and once | blocks (of 1,000 rows).
With --variant all each of them is measured and printed; run.py takes the best.
"""

import itertools
import time

import torch
from torch import nn

import worker

PROGRAM = "torch"
ACTIVATIONS = {"relu": nn.ReLU, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh}


class Variant:
    """Which of the ways: a set of words."""

    def __init__(self, words):
        self.words = words.split("+")
        self.name = words

    def __contains__(self, word):
        return word in self.words


def make_model(options):
    """nn.Sequential of Linear and activation; with cross-entropy the softmax is in the loss."""
    layers = []
    for inputs, outputs in zip(options.sizes, options.sizes[1:]):
        layers += [nn.Linear(inputs, outputs), ACTIVATIONS[options.activation]()]
    if options.cost == "cross-entropy":
        layers.pop()
    return nn.Sequential(*layers)


def make_optimizer(options, variant, model):
    kind = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[options.optimizer]
    return kind(model.parameters(), lr=options.learning_rate, foreach="foreach" in variant)


class Training:
    """Rows in memory as f32 tensors, a model, and steps through shuffled epochs without end."""

    def __init__(self, options, variant, rows, labels):
        self.options, self.variant = options, variant
        self.rows, self.labels = rows, labels
        self.model = make_model(options)
        self.optimizer = make_optimizer(options, variant, self.model)
        self.loss = nn.CrossEntropyLoss()
        if options.cost == "quadratic":
            self.labels = nn.functional.one_hot(labels, options.sizes[-1]).to(torch.float32)
            self.loss = nn.MSELoss()
        self.forward = self.model
        if "trace" in variant:
            self.forward = torch.jit.trace(self.model, rows[: options.batch])
        self.shuffle_seconds = 0.0
        self.batches = self.make_batches()

    def make_batches(self):
        size, count = self.options.batch, len(self.rows)
        shuffled = (self.rows, self.labels)
        if "epoch" in self.variant:
            # The rows of all epochs stand in one order here, so that short measurements do not depend on whether they
            # meet the end of an epoch; what the permutation of an epoch costs is added to every step, by its share.
            begin = time.perf_counter()
            order = torch.randperm(count)
            shuffled = (self.rows[order], self.labels[order])
            self.shuffle_seconds = time.perf_counter() - begin
        while True:
            order = torch.randperm(count)
            for first in range(0, count - size + 1, size):
                if "epoch" in self.variant:
                    yield shuffled[0][first:first + size], shuffled[1][first:first + size]
                else:
                    batch = order[first:first + size]
                    yield self.rows.index_select(0, batch), self.labels.index_select(0, batch)

    def step(self):
        rows, labels = next(self.batches)
        self.optimizer.zero_grad(set_to_none=True)
        if self.options.precision == "bf16":
            with torch.autocast("cpu", dtype=torch.bfloat16):
                loss = self.loss(self.forward(rows), labels)
        else:
            loss = self.loss(self.forward(rows), labels)
        loss.backward()
        self.optimizer.step()

    def steps(self):
        """Some steps, so that looking at the clock costs nothing."""
        count = max(1, 1280 // self.options.batch)
        for _ in range(count):
            self.step()
        return count * self.options.batch, count


def measure_training(options, variant, rows, labels):
    training = Training(options, variant, rows, labels)
    samples, steps, seconds = worker.measure(training.steps, options)
    return samples, steps, seconds + training.shuffle_seconds * samples / len(rows)


def make_predictor(options, variant, rows):
    """(model, rows) ready for calls in inference mode."""
    model = make_model(options).eval()
    if options.cost == "cross-entropy":
        model.append(nn.Softmax(dim=1))
    if "bfloat16" in variant:
        model, rows = model.to(torch.bfloat16), rows.to(torch.bfloat16)
    if "mkldnn" in variant:
        from torch.utils import mkldnn
        model = mkldnn.to_mkldnn(model)
    if "trace" in variant:
        model = torch.jit.freeze(torch.jit.trace(model, rows[: options.batch]))
    return model, rows


def measure_prediction(options, variant, rows, _):
    model, rows = make_predictor(options, variant, rows)
    size = options.batch
    block = min(size, 1000) if "blocks" in variant else size
    autocast = options.precision == "bf16" and "bfloat16" not in variant
    firsts = itertools.cycle(range(0, len(rows) - size + 1, size))
    repeat = 100 if size == 1 else 1

    def run():
        for _ in range(repeat):
            first = next(firsts)
            for begin in range(first, first + size, block):
                model(rows[begin:begin + block])
        return repeat * size, repeat

    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=autocast):
        return worker.measure(run, options)


def variants(options):
    if options.mode == "predict":
        kinds = ["eager", "trace", "mkldnn"] if options.precision == "f32" else ["eager", "bfloat16", "bfloat16+trace"]
        return ["+".join(words) for words in itertools.product(kinds, ["once", "blocks"] if options.batch > 1 else ["once"])]
    kinds = ["eager", "trace"] if options.precision == "f32" else ["eager"]
    return ["+".join(words) for words in itertools.product(kinds, ["each", "epoch"], ["loop", "foreach"])]


def main():
    options = worker.parse_options()
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    rows = torch.from_numpy(worker.make_rows(options.rows, options.sizes[0]))
    labels = torch.from_numpy(worker.make_labels(options.rows, options.sizes[-1]))
    measure = measure_prediction if options.mode == "predict" else measure_training
    wanted = variants(options) if options.variant in (None, "all") else [options.variant]
    for name in wanted:
        try:
            answer = measure(options, Variant(name), rows, labels)
        except (RuntimeError, NotImplementedError, AttributeError) as error:
            if len(wanted) == 1:
                worker.skip(PROGRAM, str(error).splitlines()[0])
            continue  # this version of PyTorch cannot: the others are measured
        worker.report(options, PROGRAM, name, torch.get_num_threads(), *answer)


if __name__ == "__main__":
    main()
