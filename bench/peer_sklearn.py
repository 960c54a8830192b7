"""scikit-learn's side of the benchmark: MLPClassifier.partial_fit on rows in memory, as f32.

partial_fit makes one shuffled epoch of mini-batches over the rows it gets. MLPClassifier has no quadratic cost and no
sigmoid for several classes: its softmax and cross-entropy stand in for them.
"""

import warnings

from sklearn.neural_network import MLPClassifier

import worker

PROGRAM = "sklearn"
ACTIVATIONS = {"relu": "relu", "sigmoid": "logistic", "tanh": "tanh"}
BLOCK = 6400  # rows a call: the call's own checks do not show, and it ends before the time is over


def make_model(options):
    return MLPClassifier(
        hidden_layer_sizes=options.sizes[1:-1], activation=ACTIVATIONS[options.activation], solver=options.optimizer,
        alpha=0.0, batch_size=options.batch, learning_rate_init=options.learning_rate, momentum=0.0,
        nesterovs_momentum=False, random_state=1)


def train(options, rows, labels):
    model = make_model(options)
    classes = list(range(options.sizes[-1]))
    block = min(len(rows), max(BLOCK, options.batch))
    first = 0

    def run():
        nonlocal first
        model.partial_fit(rows[first:first + block], labels[first:first + block], classes)
        first = first + block if first + 2 * block <= len(rows) else 0
        return block, -(-block // options.batch)

    return worker.measure(run, options)


def predict(options, rows, labels):
    model = make_model(options)
    model.set_params(batch_size=200)
    model.partial_fit(rows[:1000], labels[:1000], list(range(options.sizes[-1])))
    size = options.batch
    first = 0

    def run():
        nonlocal first
        model.predict_proba(rows[first:first + size])
        first = first + size if first + 2 * size <= len(rows) else 0
        return size, 1

    return worker.measure(run, options)


def main():
    options = worker.parse_options()
    warnings.simplefilter("ignore")
    if options.precision != "f32":
        worker.skip(PROGRAM, "scikit-learn has no bf16")
    rows = worker.make_rows(options.rows, options.sizes[0])
    labels = worker.make_labels(options.rows, options.sizes[-1])
    answer = (predict if options.mode == "predict" else train)(options, rows, labels)
    worker.report(options, PROGRAM, options.mode, options.threads, *answer)


if __name__ == "__main__":
    main()
