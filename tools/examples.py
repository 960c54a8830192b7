#!/usr/bin/env python3
"""examples.py [FILE...]: runs the commands of the ```console blocks of docs/command-line.md (or of FILEs), one after the other in
an empty folder, and puts what they print now below them. Where a block leaves lines out ("..."), the same lines are shown as before.
Times and speeds change with every run; look at what else does (git diff). $NUDGE_DATA must have mnist.

examples.py --check FILE...: changes nothing, and fails when a command prints something else than the file shows (times, rounding and
digits beyond three aside), or when a number in the text below a command comes out of no command.
examples.py --pictures FOLDER FILE...: also copies the .svg files that the commands wrote to FOLDER, and fails when a picture there is
written by none of them.

NUDGE names another program than build/release/nudge. Standard library only."""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PREPARED = ["nudge train xor -q -o xor.nudge", "nudge train chain -q -o chain.nudge"]  # what examples take as given
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
NUMBER = re.compile(r"(?<![A-Za-z_\d.])[-−]?\d+(?:,\d{3})*(?:\.\d+)?(?:e[-+]?\d+)?(?![A-Za-z_\d])")
ELIDED = "..."
WITHOUT = "built without pictures"
PICTURE_LINE = "saved     (no picture)"  # where one would have been
COUNTED = 12  # whole numbers up to here are words


# -- running --

def run(command, folder, path):
    environment = dict(os.environ, PATH=path + os.pathsep + os.environ["PATH"], LC_ALL="C.UTF-8", NO_COLOR="1")
    done = subprocess.run(["bash", "-c", command], cwd=folder, env=environment, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return re.sub(r"[ \t]+$", "", done.stdout, flags=re.MULTILINE)


def run_somehow(command, folder, path):
    """What a nudge without pictures would have told beside drawing one; None: nothing."""
    output = run(command, folder, path)
    if WITHOUT not in output:
        return output
    again = run(re.sub(r" -o \S+\.svg", "", command), folder, path)
    if "-o FILE is missing" in again:
        return None
    return again.rstrip("\n") + ("\n\n" if " explain " in command else "\n") + PICTURE_LINE + "\n"


def commands_of(block):
    """[command, the lines that are shown below it] for each command of a block."""
    found = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append([line[2:], []])
        elif found:
            found[-1][1].append(line)
    return found


class Runs:
    """The files' commands, run once: what another file has run in the same order has the same output."""

    def __init__(self, program):
        self.program = program
        self.known = {}

    def folder_in(self, tree):
        """An empty folder beside what the lesson's reader has there: its programs are compiled as in a folder of the source tree."""
        folder = os.path.join(tree, "scratch-lesson")
        os.makedirs(os.path.join(tree, "build"))
        os.makedirs(folder)
        for name in ("examples", "include"):
            os.symlink(os.path.join(ROOT, name), os.path.join(tree, name))
        os.symlink(os.path.dirname(self.program), os.path.join(tree, "build", "release"))
        os.symlink(os.path.join(ROOT, "recipes"), os.path.join(folder, "recipes"))
        return folder

    def outputs(self, commands, pictures):
        key = tuple(commands)
        if key not in self.known:
            with tempfile.TemporaryDirectory() as tree, tempfile.TemporaryDirectory() as path:
                os.symlink(self.program, os.path.join(path, "nudge"))
                folder = self.folder_in(tree)
                for command in PREPARED:
                    run(command, folder, path)
                self.known[key] = [run_somehow(command, folder, path) for command in commands]
                for name in os.listdir(folder) if pictures else []:
                    if name.endswith(".svg"):
                        shutil.copyfile(os.path.join(folder, name), os.path.join(pictures, name))
        return self.known[key]


# -- comparing --

def value(text):
    return float(text.replace(",", "").replace("−", "-"))


def alike(a, b):
    """Numbers that rounding on another machine may part."""
    return abs(value(a) - value(b)) <= 1e-3 * max(abs(value(a)), abs(value(b))) + 1e-7


def timeless(line):
    """Without what changes with every run."""
    line = re.sub(r"[\d.,]+ examples a second", "SPEED", re.sub(r"[\d.,]+[kM]?/s", "SPEED", line))
    line = re.sub(r"[\d.,]+ times (sooner|later)", "TIME", line)
    return re.sub(r"off by [\d.e+-]+", "off by ROUNDING", re.sub(r"[\d.,e-]+ (ms|s|min)\b", "TIME", line))


def skeleton(line):
    """The line without its numbers and the blanks that align them."""
    return re.sub(r"\s+", " ", NUMBER.sub("#", timeless(line))).strip()


def same(shown, printed):
    if shown == printed or (printed == PICTURE_LINE and shown.startswith("saved ")):
        return True
    if skeleton(shown) != skeleton(printed):
        return False
    if "rounding" in shown:
        return True
    a, b = NUMBER.findall(timeless(shown)), NUMBER.findall(timeless(printed))
    if re.match(r"\s+1e-0[5-8]\b", shown):  # a nudge so small that what follows its effect is rounding
        a, b = a[:2], b[:2]
    return len(a) == len(b) and all(alike(x, y) for x, y in zip(a, b))


def segments(lines):
    """The runs of lines between "..."."""
    found = [[]]
    for line in lines:
        if line.strip() == ELIDED:
            found.append([])
        else:
            found[-1].append(line)
    return found


def first_difference(shown, printed):
    """None when all shown lines are printed, in their order."""
    parts = segments(shown)
    if len(parts) == 1 and len(shown) != len(printed):
        printed = printed + ["(nothing more)"]
        shown = shown + ["(nothing more)"]
        parts = [shown]
    at = 0
    for number, part in enumerate(parts):
        starts = range(at, at + 1) if number == 0 else range(at, len(printed) - len(part) + 1)
        if number > 0 and number == len(parts) - 1 and part:
            starts = range(max(at, len(printed) - len(part)), len(printed) - len(part) + 1)
        for start in starts:
            if len(printed) >= start + len(part) and all(same(s, p) for s, p in zip(part, printed[start:])):
                at = start + len(part)
                break
        else:
            for line, other in zip(part, printed[at:] + [""] * len(part)):
                if not same(line, other):
                    return line, other if number == 0 else "(nowhere)"
            return part[-1], "(more follows)"
    return None


# -- updating --

def updated(shown, printed):
    """What a block shows now: all lines, or those that begin and go on as the ones shown did."""
    parts = segments(shown)
    if len(parts) == 1:
        return printed
    lines, at = [], 0
    for number, part in enumerate(parts):
        if number:
            lines.append(ELIDED)
        if not part:
            continue
        starts = [at] if number == 0 else [i for i in range(at, len(printed)) if skeleton(printed[i]) == skeleton(part[0])]
        last = len(printed) - len(part)
        if number == len(parts) - 1 and last in starts:
            starts = [last]  # what is shown last was printed last
        if not starts:
            sys.exit(f"examples.py: no line like \"{part[0]}\" is printed any more")
        lines += printed[starts[0]:starts[0] + len(part)]
        at = starts[0] + len(part)
    return lines


# -- the text around --

def prose(text):
    """Without code, links' targets and pictures."""
    for pattern in (r"^```.*?^```$", r"^    [^\n]*$", r"`[^`\n]*`", r"!\[[^\]]*\]\([^)]*\)", r"\]\([^)]*\)", r"<[^>]*>"):
        text = re.sub(pattern, " ", text, flags=re.DOTALL | re.MULTILINE)
    return text


def quoted(number, outputs):
    """Whether an output has it, to as many digits."""
    digits = len(number.split("e")[0].partition(".")[2])
    for other in outputs:
        if "e" in number:
            if abs(value(other) - value(number)) <= 0.05 * abs(value(number)):
                return True
        elif abs(abs(value(other)) - abs(value(number))) <= 0.5000001 * 10 ** -digits:
            return True
    return False


def strangers(text, outputs):
    """Numbers of the text that no command printed or was given. Years of sources stand in parentheses, and are left."""
    text = re.sub(r"\((?:[^()]*\s)?(?:19|20)\d\d\)", " ", prose(text))
    return [n for n in NUMBER.findall(text)
            if not ("." not in n and "e" not in n and abs(value(n)) <= COUNTED) and not quoted(n, outputs)]


# -- files --

def treat(name, runs, options):
    """Reports what is wrong with a file, or brings it up to date; returns how many things are wrong."""
    with open(name, encoding="utf-8") as file:
        text = file.read()
    blocks = [commands_of(found.group(1)) for found in BLOCK.finditer(text)]
    flat = [command for block in blocks for command in block]
    outputs = runs.outputs([command for command, _ in flat], options.pictures)
    wrong = []
    if options.check:
        for (command, shown), output in zip(flat, outputs):
            if output is None:
                continue
            difference = first_difference(shown, output.splitlines())
            if difference:
                wrong.append(f"$ {command}\n  shown:   {difference[0]}\n  printed: {difference[1]}")
        words_of_commands = [*filter(None, outputs), *(command for command, _ in flat)]
        known = [n for words in words_of_commands for n in NUMBER.findall(re.sub(r"(\d)x(\d)", r"\1 \2", words))]
        wrong += [f"{n} in the text comes out of no command" for n in strangers(text, known)] if options.numbers else []
    else:
        queue = iter(zip(flat, outputs))

        def renew(found):
            lines = []
            for _ in commands_of(found.group(1)):
                (command, shown), output = next(queue)
                lines += ["$ " + command, *updated(shown, output.splitlines())]
            return "```console\n" + "".join(line + "\n" for line in lines) + "```"

        renewed = BLOCK.sub(renew, text)
        with open(name, "w", encoding="utf-8") as file:
            file.write(renewed)
    for item in wrong:
        print(f"{name}: {item}")
    return len(wrong)


def unmade(folder, files):
    """Pictures of the folder that no command writes."""
    commands = ""
    for name in files:
        with open(name, encoding="utf-8") as file:
            commands += " ".join(command for found in BLOCK.finditer(file.read())
                                 for command, _ in commands_of(found.group(1))) + " "
    return [name for name in sorted(os.listdir(folder)) if f" {name} " not in commands.replace("\n", " ")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--numbers", action="store_true", help="with --check: of the text, too")
    parser.add_argument("--pictures", metavar="FOLDER")
    parser.add_argument("files", nargs="*")
    options = parser.parse_args()
    files = options.files or [os.path.join(ROOT, "docs", "command-line.md")]
    runs = Runs(os.path.abspath(os.environ.get("NUDGE", os.path.join(ROOT, "build", "release", "nudge"))))
    wrong = sum(treat(name, runs, options) for name in files)
    for name in unmade(options.pictures, files) if options.pictures else []:
        print(f"{options.pictures}/{name}: written by no command")
        wrong += 1
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
