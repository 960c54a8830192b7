#!/usr/bin/env python3
"""examples.py [FILE...]: runs the commands of the ```console blocks of docs/command-line.md (or of FILEs), one after the other in
an empty folder, and puts what they print now below them. Times and speeds change with every run; look at what else does
(git diff). $NUDGE_DATA must have mnist. NUDGE names another program than build/release/nudge. Standard library only."""

import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PREPARED = ["nudge train xor -q -o xor.nudge", "nudge train chain -q -o chain.nudge"]  # what examples take as given
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def run(command, folder, path):
    environment = dict(os.environ, PATH=path + os.pathsep + os.environ["PATH"], LC_ALL="C.UTF-8", NO_COLOR="1")
    done = subprocess.run(["bash", "-c", command], cwd=folder, env=environment, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return re.sub(r"[ \t]+$", "", done.stdout, flags=re.MULTILINE)


def rerun(block, folder, path):
    """The block's commands with what they print."""
    lines = [line for line in block.splitlines() if line.startswith("$ ")]
    return "".join(line + "\n" + run(line[2:], folder, path) for line in lines)


def main():
    program = os.path.abspath(os.environ.get("NUDGE", os.path.join(ROOT, "build", "release", "nudge")))
    for name in sys.argv[1:] or [os.path.join(ROOT, "docs", "command-line.md")]:
        with open(name, encoding="utf-8") as file:
            text = file.read()
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as path:
            os.symlink(program, os.path.join(path, "nudge"))
            os.symlink(os.path.join(ROOT, "recipes"), os.path.join(folder, "recipes"))
            for command in PREPARED:
                run(command, folder, path)
            text = BLOCK.sub(lambda found: f"```console\n{rerun(found.group(1), folder, path)}```", text)
        with open(name, "w", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    main()
