#!/usr/bin/env bash
# tools/examples.py, which says whether a document still says what commands print: it does where it does, and does not where
# a line, a number or a picture is wrong.
. "${BASH_SOURCE%/*}/lib.bash"
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }

# checked STATUS TEXT: the document on standard input; what is said of it has TEXT in it.
checked() {
    cat >document.md
    python3 "$NUDGE_SOURCE/tools/examples.py" --check --numbers document.md >said 2>&1
    status=$?
    [ "$status" -eq "$1" ] || { fail "exit status $status, expected $1:"; cat said; }
    grep -qF -- "$2" said || [ -z "$2" ] || { fail "not told: $2"; cat said; }
}

right='The set has 4 rows, or 1.5 of none at all: see `0.75`, and Knuth (1984).

```console
$ printf "a set\n\ntraining   4 rows\nfeatures   2\ntargets    7\n"
a set

training   4 rows
...
targets    7
$ printf "1.5\n0.25 beside 1,000 rows in 0.3 s\n"
1.5
0.25 beside 1,000 rows in 0.1 s
```

It is 0.25, and 1,000 rows.'
checked 0 "" <<<"$right"
checked 1 "0.26 in the text comes out of no command" <<<"${right/It is 0.25/It is 0.26}"
checked 1 "1,001 in the text comes out of no command" <<<"${right/and 1,000 rows/and 1,001 rows}"
checked 1 "shown:   0.24 beside" <<<"${right/$'\n'0.25 beside/$'\n'0.24 beside}"
checked 1 "shown:   training   5 rows" <<<"${right/$'\n'training   4/$'\n'training   5}"
checked 1 "shown:   something else" <<<"${right/...$'\n'targets/...$'\n'something else$'\n'targets}"
checked 1 "(more follows)" <<<"${right/...$'\n'targets    7/...$'\n'features   2}"
checked 1 "printed: (nothing more)" <<<"${right/1.5$'\n'0.25 beside 1,000 rows in 0.1 s$'\n'/1.5$'\n'0.25 beside 1,000 rows in 0.1 s$'\n'and more$'\n'}"
finish
