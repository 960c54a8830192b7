#!/usr/bin/env python3
"""How good nudge's defaults are on tables: nudge against scikit-learn's networks, each with its own defaults, on the same rows.

For each table and seed a random fifth of the rows (of classes: of each class) is the test part. Both programs get the same
columns: nudge as two CSV files and nothing else but the target's name; scikit-learn's MLPClassifier or MLPRegressor behind
a StandardScaler for numbers (gaps: the mean, and an indicator) and a OneHotEncoder for words. Its regressor does not
scale targets; --scale-targets lets it. Seconds are processor time: nudge's of the processes `nudge train` and `nudge eval`,
scikit-learn's of fit and predict, on one thread.
"""

import os

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[threads] = "1"

import argparse
import json
import math
import resource
import statistics
import subprocess
import sys
import tempfile
import warnings

import pandas
from sklearn import datasets
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.metrics import accuracy_score, r2_score
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Table:
    """A table, its target, and whether that is a number."""

    def __init__(self, name, frame, target, numbers=False):
        self.name, self.frame, self.target, self.numbers = name, frame, target, numbers
        self.metric = "R²" if numbers else "accuracy"


def read_plain(folder, name):
    return pandas.read_csv(os.path.join(folder, name + ".csv"))


def read_bare(*paths, separator=","):
    """Rows without a header; a gap is "?"."""
    frames = [pandas.read_csv(path, header=None, na_values="?", sep=separator) for path in paths]
    frame = pandas.concat(frames, ignore_index=True)
    frame.columns = [f"column{i + 1}" for i in range(frame.shape[1])]
    return frame


def plain_tables(folder):
    penguins = read_plain(folder, "penguins")
    wine = read_bare(os.path.join(folder, "winequality-red.csv"))
    yield Table("iris", read_plain(folder, "iris"), "species")
    yield Table("penguins", penguins, "species")
    yield Table("penguins (mass)", penguins.dropna(subset="body_mass_g"), "body_mass_g", numbers=True)
    yield Table("titanic", read_plain(folder, "titanic").drop(columns="alive"), "survived")
    yield Table("mpg", read_plain(folder, "mpg"), "mpg", numbers=True)
    yield Table("tips", read_plain(folder, "tips"), "tip", numbers=True)
    yield Table("wine quality", wine, wine.columns[-1])
    yield Table("wine quality (number)", wine, wine.columns[-1], numbers=True)


def proben1_tables(folder):
    cancer = read_bare(os.path.join(folder, "cancer", "breast-cancer-wisconsin.data")).drop(columns="column1")  # the patient
    card = read_bare(os.path.join(folder, "card", "crx.data"))
    card["column16"] = card["column16"].map({"+": "yes", "-": "no"})  # a lone - is a gap to nudge
    diabetes = read_bare(os.path.join(folder, "diabetes", "pima-indians-diabetes.data"))
    thyroid = read_bare(*(os.path.join(folder, "thyroid", f"ann-{part}.data") for part in ("train", "test")), separator=r"\s+")
    for name, frame in (("cancer", cancer), ("card", card), ("diabetes", diabetes), ("thyroid", thyroid)):
        yield Table(name, frame, frame.columns[-1])


def sklearn_tables():
    for name, load in (("wine", datasets.load_wine), ("breast cancer", datasets.load_breast_cancer),
                       ("digits 8x8", datasets.load_digits), ("diabetes (progress)", datasets.load_diabetes)):
        yield Table(name, load(as_frame=True).frame, "target", numbers=load is datasets.load_diabetes)


def tables_of(options):
    if options.tables:
        yield from plain_tables(options.tables)
    if options.proben1:
        yield from proben1_tables(options.proben1)
    yield from sklearn_tables()


def split(table, seed):
    """The same for both programs; classes as text, as a CSV file has them."""
    classes = None if table.numbers else table.frame[table.target]
    return train_test_split(table.frame, test_size=0.2, random_state=seed, stratify=classes)


def processor_seconds(who):
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def run_nudge(options, table, train, test, seed):
    with tempfile.TemporaryDirectory() as folder:
        files = {name: os.path.join(folder, name) for name in ("train.csv", "test.csv", "model.nudge")}
        train.to_csv(files["train.csv"], index=False)
        test.to_csv(files["test.csv"], index=False)
        words = [options.nudge, "train", files["train.csv"], "--test", files["test.csv"], "--target", table.target, "--seed", str(seed),
                 "--json", "-q", "-o", files["model.nudge"]] + options.nudge_options.split()
        if table.numbers:
            words.append("--regression")
        before = processor_seconds(resource.RUSAGE_CHILDREN)
        trained = subprocess.run(words, env=options.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if trained.returncode:
            print(f"{table.name}, seed {seed}: {trained.stderr}", file=sys.stderr)
            return math.nan, processor_seconds(resource.RUSAGE_CHILDREN) - before
        words = [options.nudge, "eval", files["model.nudge"], files["test.csv"], "--json"]
        answer = subprocess.run(words, env=options.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
        seconds = processor_seconds(resource.RUSAGE_CHILDREN) - before
    return json.loads(answer)["r2" if table.numbers else "accuracy"], seconds


def sklearn_model(options, table, features, seed):
    numbers = features.select_dtypes("number").columns
    words = [name for name in features.columns if name not in numbers]
    columns = ColumnTransformer([
        ("numbers", make_pipeline(SimpleImputer(strategy="mean", add_indicator=True), StandardScaler()), numbers),
        ("words", OneHotEncoder(handle_unknown="ignore"), words)])
    if not table.numbers:
        return make_pipeline(columns, MLPClassifier(random_state=seed))
    network = MLPRegressor(random_state=seed)
    if options.scale_targets:
        network = TransformedTargetRegressor(network, transformer=StandardScaler())
    return make_pipeline(columns, network)


def run_sklearn(options, table, train, test, seed):
    features = [part.drop(columns=table.target) for part in (train, test)]
    targets = [part[table.target] for part in (train, test)]
    model = sklearn_model(options, table, features[0], seed)
    before = processor_seconds(resource.RUSAGE_SELF)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        answers = model.fit(features[0], targets[0]).predict(features[1])
    seconds = processor_seconds(resource.RUSAGE_SELF) - before
    score = r2_score if table.numbers else accuracy_score
    return float(score(targets[1], answers)), seconds


PROGRAMS = {"nudge": run_nudge, "sklearn": run_sklearn}


def better(ours, theirs):
    """Which is better: its mean is so by more than the standard error of the differences on the same rows. A training that
    failed is nan, and worse than any other."""
    differences = [a - b for a, b in zip(ours, theirs)]
    if any(map(math.isnan, differences)):
        return "scikit-learn"
    rounding = 1e-6  # scores have 9 digits
    error = statistics.stdev(differences) / math.sqrt(len(differences)) if len(differences) > 1 else 0
    mean = statistics.mean(differences)
    return "equal" if abs(mean) <= error + rounding else "nudge" if mean > 0 else "scikit-learn"


def measure(options, table):
    row = {"name": table.name, "rows": len(table.frame), "task": "numbers" if table.numbers else
           f"{table.frame[table.target].nunique()} classes", "metric": table.metric}
    results = {name: [] for name in PROGRAMS}
    for seed in range(1, options.seeds + 1):
        train, test = split(table, seed)
        for name, run in PROGRAMS.items():
            results[name].append(run(options, table, train, test, seed))
    for name, pairs in results.items():
        row[name] = {"scores": [score for score, _ in pairs], "seconds": statistics.mean(seconds for _, seconds in pairs)}
    row["better"] = better(row["nudge"]["scores"], row["sklearn"]["scores"])
    return row


def score_text(scores):
    if any(map(math.isnan, scores)):
        return "failed"
    deviation = statistics.stdev(scores) if len(scores) > 1 else 0
    return f"{statistics.mean(scores):.3f} ± {deviation:.3f}"


HEADINGS = ["table", "rows", "task", "metric", "nudge", "scikit-learn", "better", "s", "s (scikit-learn)"]


def cells(row):
    return [row["name"], f"{row['rows']:,}", row["task"], row["metric"], score_text(row["nudge"]["scores"]),
            score_text(row["sklearn"]["scores"]), row["better"], f"{row['nudge']['seconds']:.2f}", f"{row['sklearn']['seconds']:.2f}"]


def table_text(rows):
    """In Markdown, aligned."""
    lines = [HEADINGS] + [cells(row) for row in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEADINGS))]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |" for line in lines)


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", metavar="FOLDER", help="with iris.csv, penguins.csv, titanic.csv, mpg.csv, tips.csv, winequality-red.csv")
    parser.add_argument("--proben1", metavar="FOLDER", help="with cancer, card, diabetes and thyroid, each with its raw .data file")
    parser.add_argument("--nudge", default=os.path.join(ROOT, "build", "release", "nudge"), metavar="PROGRAM")
    parser.add_argument("--nudge-options", default="", metavar="TEXT", help="more options for nudge train: to try other defaults")
    parser.add_argument("--scale-targets", action="store_true", help="scikit-learn's regressor learns standardised targets")
    parser.add_argument("--only", action="append", metavar="TABLE", help="may be given several times")
    parser.add_argument("--seeds", type=int, default=5, metavar="K", help="1 to K; default 5")
    parser.add_argument("--json", action="store_true", help="an object a line instead of the table")
    return parser.parse_args()


def main():
    options = parse_options()
    options.environment = {name: value for name, value in os.environ.items() if name not in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    rows = []
    for table in tables_of(options):
        if options.only and table.name not in options.only:
            continue
        rows.append(measure(options, table))
        if options.json:
            print(json.dumps(rows[-1], ensure_ascii=False).replace("NaN", "null"), flush=True)
    if not options.json:
        print(table_text(rows))


if __name__ == "__main__":
    main()
