"""The workloads of the benchmark and what is asked of nudge in each: one row of docs/performance.md each.

options    what every worker gets: the same network, batch, cost, optimizer and rows for all
peers      the programs that nudge stands beside
reference  the workload whose peers' best the goal is counted from, when not its own
goal       samples per second, as a multiple of the best peer's; aim: what would be better still
share      of the CPUs' fused multiply-adds, in bf16 of twice as many, that the products make up
"""


class Workload:
    """One row: its name, what it says in the table, the workers' options, the peers and the goals."""

    def __init__(self, name, title, options, peers, goal=None, aim=None, share=None, reference=None):
        self.name, self.title, self.options, self.peers = name, title, options, peers
        self.goal, self.aim, self.share, self.reference = goal, aim, share, reference or name

    def arguments(self):
        """The options as command-line arguments."""
        return [word for key, value in self.options.items() for word in ("--" + key, str(value))]

    def flops(self):
        """Floating-point operations of the products, a row: forward; to train also the gradients of weights, and of inputs
        but the first layer's."""
        sizes = [int(size) for size in self.options["sizes"].split("-")]
        layers = [2 * inputs * outputs for inputs, outputs in zip(sizes, sizes[1:])]
        return 3 * sum(layers) - layers[0] if self.trains() else sum(layers)

    def trains(self):
        return self.options["mode"] == "train"


def train(sizes, batch, optimizer="sgd", precision="f32", activation="relu", cost="cross-entropy"):
    rate = 0.001 if optimizer == "adam" else 0.01
    return {"mode": "train", "sizes": sizes, "batch": batch, "activation": activation, "cost": cost,
            "optimizer": optimizer, "precision": precision, "learning-rate": rate, "rows": 60000}


def predict(sizes, rows_at_once, precision="f32"):
    return {"mode": "predict", "sizes": sizes, "batch": rows_at_once, "activation": "relu", "cost": "cross-entropy",
            "precision": precision, "rows": max(1000, 2 * rows_at_once)}


MIDDLE = "784-512-512-10"
LARGE = "784-2500-2000-1500-1000-500-10"
ALL = ["torch", "sklearn", "fann"]

WORKLOADS = [
    Workload("small-sgd", "784-30-10 sigmoid, quadratic, SGD, batch 10",
             train("784-30-10", 10, activation="sigmoid", cost="quadratic"), ALL, goal=10),
    Workload("tiny-sgd", "784-16-16-10 sigmoid, quadratic, SGD, batch 32",
             train("784-16-16-10", 32, activation="sigmoid", cost="quadratic"), ALL, goal=10),
    Workload("middle-sgd", MIDDLE + " relu, cross-entropy, SGD, batch 128", train(MIDDLE, 128), ["torch", "sklearn"],
             goal=1.8, share=0.85),
    Workload("middle-adam", "same, Adam", train(MIDDLE, 128, "adam"), ["torch", "sklearn"], goal=2),
    Workload("middle-adam-bf16", "same, Adam, bf16", train(MIDDLE, 128, "adam", "bf16"), ["torch"], goal=4),
    Workload("middle-sgd-bf16", "same, SGD, bf16", train(MIDDLE, 128, precision="bf16"), ["torch"], goal=4, share=0.8),
    Workload("large-sgd", LARGE + " relu, cross-entropy, SGD, batch 256", train(LARGE, 256), ["torch"],
             goal=1.15, share=0.9),
    Workload("large-sgd-bf16", "same, bf16", train(LARGE, 256, precision="bf16"), ["torch"], goal=2, share=0.8),
    Workload("predict-1", "predict one row, 784-128-10", predict("784-128-10", 1), ALL, goal=3, aim=5),
    Workload("predict-10000", "predict 10,000 rows, " + MIDDLE, predict(MIDDLE, 10000), ["torch", "sklearn"], goal=1.5),
    Workload("predict-10000-bf16", "same, bf16 (goal: against the peers' f32)", predict(MIDDLE, 10000, "bf16"),
             ["torch"], goal=5, reference="predict-10000"),
]
