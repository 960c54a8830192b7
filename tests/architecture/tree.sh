#!/usr/bin/env bash
# tree.sh TREE: rules of the tree that are not of its C code (floors.sh has those). Prints one line for each breach,
#     FILE: [rule] what stands there
# and exits 1 when there is one. The rules:
#   size   no tracked file has more than 1 MB (without git: no file outside of build/)
#   pipes  where pipefail is set, no pipe ends in who leaves early (grep -q, head): its status would be, by chance, that of the
#          writer who is killed for it
#   null   tests/unit/null_test.c asks every public function that returns a status
set -euo pipefail
cd "$1"
breaches=0
breach() {
    echo "$1: [$2] $3"
    breaches=$((breaches + 1))
}

if git ls-files >/dev/null 2>&1; then list=(git ls-files -z); else list=(find . -name build -prune -o -type f -print0); fi
while IFS= read -rd '' file; do
    [ -f "$file" ] || continue
    size=$(stat -c %s "$file")
    [ "$size" -le 1000000 ] || breach "$file" size "has $size bytes"
done < <("${list[@]}")

early='\|[[:space:]]*(grep[[:space:]]+-[A-Za-z]*[qm]|head([[:space:]]|$))'
while IFS= read -rd '' file; do
    [ -f "$file" ] && text=$(tr -d '\0' <"$file") && [[ $text == '#!'*sh* && $text == *pipefail* ]] || continue
    while IFS= read -r line; do
        if [[ $line =~ $early && ! $line =~ ^[[:space:]]*# ]]; then breach "$file" pipes "$line"; fi
    done <<<"$text"
done < <(find . -name build -prune -o -name .git -prune -o -type f -size -100k -print0)

tested=$(cat tests/unit/null_test.c)
for function in $(cat include/*.h | tr '\n' ' ' | grep -oE 'NUDGE_API nudge_status +nudge_[a-z0-9_]+' | sed 's/.* //'); do
    [[ $tested == *"expect($function("* ]] || breach tests/unit/null_test.c null "does not ask $function"
done
[ "$breaches" -eq 0 ]
