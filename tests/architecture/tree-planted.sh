#!/usr/bin/env bash
# The check of the tree, checked: a small tree that keeps every rule must pass, and each breach planted in it must be found.
set -u
check=$(cd "$(dirname "$0")" && pwd)/tree.sh
failures=0
bar='|' # spelt out, these lines would be breaches here

make_tree() {
    rm -rf tree
    mkdir -p tree/include tree/tests/unit tree/tools tree/build
    printf 'NUDGE_API nudge_status\nnudge_a(int);\nNUDGE_API nudge_status nudge_b(int);\nNUDGE_API int nudge_c(void);\n' >tree/include/nudge.h
    printf 'expect(nudge_a(NULL));\nexpect(nudge_b(NULL));\n' >tree/tests/unit/null_test.c
    printf "#!/bin/bash\nset -o pipefail\na | sort | tail -n 1\ngrep -q x file\nhead -n 1 file\n# a $bar grep -q b\n" >tree/tools/a.sh
    printf "#!/bin/bash\nset -u\na $bar head -n 1\n" >tree/tools/b.sh
    head -c 1000000 /dev/zero >tree/tools/large
    head -c 1000001 /dev/zero >tree/build/larger
}

# planted FILE RULE: it must be found there.
planted() {
    if bash "$check" tree >found 2>&1; then
        echo "not found: [$2] in $1"
        failures=$((failures + 1))
    elif ! grep -qF "$1: [$2]" found; then
        echo "found as something else: [$2] in $1:"
        cat found
        failures=$((failures + 1))
    fi
    make_tree
}

# Not a part of the repository in which this test may run.
export GIT_CEILING_DIRECTORIES=$PWD
make_tree
bash "$check" tree >found 2>&1 || { echo "the clean tree does not pass:"; cat found; failures=1; }
head -c 1000001 /dev/zero >tree/x.journal; planted x.journal size
echo "x $bar grep -q y" >>tree/tools/a.sh; planted tools/a.sh pipes
echo "y=\$(x ${bar}head -n 1)" >>tree/tools/a.sh; planted tools/a.sh pipes
echo 'NUDGE_API nudge_status nudge_d(int);' >>tree/include/nudge.h; planted tests/unit/null_test.c null
if command -v git >/dev/null; then
    (cd tree && git init -q . && git add tools include tests) >/dev/null 2>&1
    head -c 1000001 /dev/zero >tree/untracked
    bash "$check" tree >found 2>&1 || { echo "an untracked file counts:"; cat found; failures=1; }
    (cd tree && git add untracked); planted untracked size
fi
[ "$failures" -eq 0 ]
