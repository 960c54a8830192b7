#!/bin/sh
# examples.sh TREE: what is public is shown. Prints one line for each breach,
#     FILE: [rule] what is wrong
# and exits 1 when there is one. The rules:
#   shown    every NUDGE_API function of include/ is called in an example, which is compiled and run (examples/CMakeLists.txt)
#   listed   every example has its line in examples/README.md, and every line its example
# Comments and strings do not count.
set -eu
cd "$1"

# The code of the files, without comments and what stands between quotes.
code() {
    awk '
    FNR == 1 { in_comment = 0 }
    {
        out = ""
        quote = ""
        for (i = 1; i <= length($0); i++) {
            c = substr($0, i, 1)
            two = substr($0, i, 2)
            if (in_comment) {
                if (two == "*/") { in_comment = 0; i++ }
            } else if (quote != "") {
                if (c == "\\") i++
                else if (c == quote) quote = ""
            } else if (two == "/*") { in_comment = 1; i++; out = out " " }
            else if (two == "//") break
            else if (c == "\"" || c == "\047") quote = c
            else out = out c
        }
        print out
    }' "$@"
}

public=$(code include/*.h | grep -v '^ *#' | tr '\n' ' ' | grep -oE 'NUDGE_API [^;(]*\(' |
    sed -E 's/ *\($//; s/.*[ *]//' | LC_ALL=C sort -u)
[ -n "$public" ] || { echo "include: [shown] there is no public function"; exit 1; }
called=" $(code examples/*.c | grep -oE '[A-Za-z0-9_]+ *\(' | tr -d ' (' | LC_ALL=C sort -u | tr '\n' ' ')"

breaches=0
for function in $public; do
    case "$called" in
    *" $function "*) ;;
    *)
        echo "include: [shown] $function is called in no examples/*.c"
        breaches=$((breaches + 1))
        ;;
    esac
done
for example in examples/*.c; do
    if ! grep -qF "(${example#examples/})" examples/README.md; then
        echo "$example: [listed] not in examples/README.md"
        breaches=$((breaches + 1))
    fi
done
for name in $(grep -oE '\([A-Za-z0-9_]+\.c\)' examples/README.md | tr -d '()'); do
    if [ ! -f "examples/$name" ]; then
        echo "examples/README.md: [listed] there is no $name"
        breaches=$((breaches + 1))
    fi
done
[ "$breaches" -eq 0 ]
