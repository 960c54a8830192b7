"""A PyTorch script that reads MNIST, trains one hidden layer with Adam in one cycle and says what it learnt: as its users
write it, but for what is quicker and no longer (rows in one tensor instead of a DataLoader)."""

import argparse
import gzip
import json
import os

import numpy
import torch
from torch import nn

ACTIVATIONS = {"relu": nn.ReLU, "silu": nn.SiLU}


def parse_options():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--hidden", type=int, default=256)
    parser.add_argument("--activation", choices=ACTIVATIONS, default="relu")
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--lr", type=float, default=0.004)
    parser.add_argument("--beta1", type=float, default=0.9)
    parser.add_argument("--beta2", type=float, default=0.999)
    parser.add_argument("--warmup", type=float, default=0.3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=0)
    return parser.parse_args()


def read_idx(folder, name, header):
    with gzip.open(os.path.join(folder, name)) as file:
        return numpy.frombuffer(file.read(), numpy.uint8, offset=header)


def read_part(folder, part):
    images = read_idx(folder, part + "-images-idx3-ubyte.gz", 16).reshape(-1, 784)
    labels = read_idx(folder, part + "-labels-idx1-ubyte.gz", 8)
    return torch.from_numpy(images / numpy.float32(255)), torch.from_numpy(labels.astype(numpy.int64))


def train(options, model, rows, labels):
    size = options.batch_size
    optimizer = torch.optim.Adam(model.parameters(), lr=options.lr, betas=(options.beta1, options.beta2))
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, options.lr, total_steps=options.epochs * (len(rows) // size), pct_start=options.warmup,
        anneal_strategy="linear", cycle_momentum=False)
    loss_of = nn.CrossEntropyLoss()
    for _ in range(options.epochs):
        order = torch.randperm(len(rows))
        for first in range(0, len(rows) - size + 1, size):
            batch = order[first:first + size]
            optimizer.zero_grad(set_to_none=True)
            loss_of(model(rows[batch]), labels[batch]).backward()
            optimizer.step()
            schedule.step()


def main():
    options = parse_options()
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    rows, labels = read_part(options.folder, "train")
    model = nn.Sequential(nn.Linear(784, options.hidden), ACTIVATIONS[options.activation](), nn.Linear(options.hidden, 10))
    train(options, model, rows, labels)
    rows, labels = read_part(options.folder, "t10k")
    with torch.inference_mode():
        right = (model(rows).argmax(1) == labels).sum().item()
    print(json.dumps({"test_accuracy": right / len(labels)}))


if __name__ == "__main__":
    main()
