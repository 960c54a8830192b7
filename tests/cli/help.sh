#!/usr/bin/env bash
# The texts that the command shows about itself, and the manual page that is made from them.
. "${BASH_SOURCE%/*}/lib.bash"

verbs=(train cv eval predict explain check surface plot "plot curves" "plot reads" "plot mistakes" "plot confusion" "plot weights"
    "plot network" "plot activations" "plot gradients" "plot boundary" inspect "data info" "data show" "data make" "data convert")

run 0 --help
golden help.txt out
cp out all
for words in "-h" "help"; do
    run 0 $words
    same out all
done

for verb in "${verbs[@]}" data; do
    run 0 $verb --help
    golden "help-${verb/ /-}.txt" out
    cp out help
    run 0 help $verb
    same out help
    run 0 --help $verb
    same out help
    run 0 $verb -h
    same out help
done

# Nothing is wider than a terminal.
for file in "$golden_folder"/help*.txt; do
    awk -v file="${file##*/}" 'length > 80 { print file ": " $0; wide = 1 } END { exit wide }' "$file" ||
        fail "a line is longer than 80 columns"
done

# The manual page is what the program says, and says all that the help says.
run 0 help --man
cmp -s out "$NUDGE_SOURCE/docs/nudge.1" || fail "docs/nudge.1 is not what nudge help --man prints"
sed 's/\\-/-/g; s/\\fB//g; s/\\fR//g; s/\\fI//g' out >man
for verb in "${verbs[@]}"; do
    run 0 $verb --help
    grep -oE '^  -[^ ].*' out | grep -oE -- '--[a-z-]+' | sort -u | while read -r option; do
        grep -qF -- "$option" man || echo "$option"
    done >missing
    [ ! -s missing ] || fail "the manual page lacks of $verb: $(tr '\n' ' ' <missing)"
done

run 0 --version
cp out version
run 0 version
same out version
grep -qE '^nudge [0-9]+\.[0-9]+\.[0-9]+$' out || fail "version: $(cat out)"

run 2
says "nudge: a verb is missing"
refuses 'unknown verb "trian": did you mean train?' trian
refuses 'unknown verb "frobnicate"; nudge --help lists the verbs' frobnicate
refuses 'unknown verb "exlain"' help exlain
refuses 'data: unknown kind "inof": did you mean info?' data inof
refuses 'data: unknown kind "frobnicate"; nudge data --help lists the kinds' data frobnicate
refuses 'plot: unknown kind "foo"; nudge plot --help lists the kinds' plot foo
refuses 'plot: unknown kind "curve": did you mean curves?' plot curve
finish
