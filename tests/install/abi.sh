#!/usr/bin/env bash
# abi.sh SOURCE LIBRARY COMPILER: what programs that were linked before rely on: the functions that the shared library
# exports, the sizes of the header's structs, and where their members begin. Where one changes, this says so; who wants it
# runs it with NUDGE_UPDATE_GOLDEN=1, raises the version and says in CHANGELOG.md what a program must do.
set -u
source=$1 library=$2 compiler=$3
golden=$source/tests/golden/abi.txt
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# The structs of the headers and their members: the last word of each declaration between { and }. The preprocessor takes
# the comments away.
"$compiler" -E -P -x c -I "$source/include" "$source/include/nudge_insight.h" | tr '\n' ' ' | sed 's/typedef/\ntypedef/g' | awk '
    /^typedef struct nudge_[a-z_]+ *\{/ {
        text = $0
        sub(/^[^{]*\{/, "", text)
        name = text
        sub(/^[^}]*\} */, "", name); sub(/;.*/, "", name)
        sub(/\}.*/, "", text)
        printf "    printf(\"%s %%zu\\n\", sizeof(%s));\n", name, name
        while (match(text, /[^;]*;/)) {
            one = substr(text, 1, RLENGTH - 1); text = substr(text, RLENGTH + 1)
            if (match(one, /\(\*[a-z_0-9]+\)/)) {
                names[1] = substr(one, RSTART + 2, RLENGTH - 3); n = 1
            } else n = split(one, names, ",")
            for (k = 1; k <= n; k++) {
                gsub(/\[[^]]*\]/, "", names[k]); gsub(/ +$/, "", names[k]); sub(/.*[* ]/, "", names[k])
                printf "    printf(\"  %s %%zu\\n\", offsetof(%s, %s));\n", names[k], name, names[k]
            }
        }
    }
' >"$work/body"
{
    printf '#include <nudge_insight.h>\n#include <stdio.h>\nint main(void) {\n    if (sizeof(void *) != 8) return 77;\n'
    cat "$work/body"
    printf '    return 0;\n}\n'
} >"$work/abi.c"
"$compiler" -I "$source/include" -o "$work/abi" "$work/abi.c" || exit 1
{
    nm -D --defined-only "$library" | awk '$2 == "T" { print "function " $3 }' | LC_ALL=C sort
    "$work/abi"
} >"$work/abi.txt"
if [ "$?" -eq 77 ]; then
    echo "skipped: the list is of machines with pointers of 8 bytes"
    exit 77
fi
# Structs that can grow begin with their size. These cannot: they stand in arrays or in other structs, or are an error's.
awk '
    /^nudge_/ { name = $1; getline; if ($1 != "struct_size") print name }
' "$work/abi.txt" | LC_ALL=C sort | tr '\n' ' ' >"$work/fixed"
if [ "$(cat "$work/fixed")" != "nudge_allocator nudge_error nudge_parameter nudge_path " ]; then
    echo "structs without struct_size: $(cat "$work/fixed")"
    exit 1
fi
if [ -n "${NUDGE_UPDATE_GOLDEN:-}" ]; then
    cp "$work/abi.txt" "$golden"
elif ! diff -u "$golden" "$work/abi.txt"; then
    echo "the interface has changed: see tests/install/abi.sh"
    exit 1
fi
echo "$(grep -c ^function "$work/abi.txt") functions, $(grep -c '^nudge_' "$work/abi.txt") structs"
