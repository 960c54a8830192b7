#!/usr/bin/env bash
# nudge data info on tables: columns, classes, findings, for people and for programs.
. "${BASH_SOURCE%/*}/lib.bash"

# table FILE ROWS [HEADING EXPRESSION]: columns a, b and y without fault, before y one more: an awk expression of row r, of a, b, y.
table() {
    awk -v rows="$2" "function draw(n) { state = (state * 1103515245 + 12345) % 2147483648; return int(state / 65536) % n }
        BEGIN {
            state = 1
            print \"a,b,${3:+$3,}y\"
            for (r = 0; r < rows; r++) {
                a = draw(10000) / 100 + draw(100) / 10000; b = substr(\"redblugrn\", 1 + 3 * draw(3), 3); y = draw(3) ? \"no\" : \"yes\"
                print a \",\" b \",\" ${4:+($4) \",\"} y
            }
        }" >"$1"
}

# finds NAME: this finding, and no other, for programs and for people.
finds() {
    run 0 data info "$@" --json
    local found
    found=$(grep -o '"findings":.*' out | grep -o '"name":"[^"]*"' | sed 's/.*:"//; s/"//' | tr '\n' ' ')
    [ "$found" = "$expected" ] || fail "data info $*: found \"$found\", expected \"$expected\""
}

# A clean table: what is in it, and no finding.
table clean.csv 400
expected='' finds clean.csv
run 0 data info clean.csv --test-split 0.25
golden data-info-table.txt out
prints "findings  none"
LC_ALL=C.UTF-8 "$NUDGE" data info clean.csv >blocks
grep -q '^a  *number .*█' blocks || fail "no histogram in blocks: $(cat blocks)"
grep -q '█' out && fail "blocks where UTF-8 is not read"

# Each finding, and what to try.
table t.csv 400 same 7
expected='constant ' finds t.csv
run 0 data info t.csv
prints "finding   1 column has the same value in every row: same. Try: nothing is learnt"
prints "          from it: --ignore same"
expected='' finds t.csv --ignore same
table t.csv 400 copy a
expected='duplicate ' finds t.csv
table t.csv 400 number r+1
expected='id ' finds t.csv
expected='' finds t.csv --id number
table t.csv 400 alive 'y == "yes" ? "alive" : "dead"'
expected='leak ' finds t.csv
run 0 data info t.csv
prints "alive alone says what y is"
prints "--ignore alive"
table t.csv 900 far 'r == 5 ? 1e9 : draw(1000) / 10'
expected='outliers ' finds t.csv
table t.csv 400
{ cat t.csv; echo '5,red,perhaps'; } >rare.csv
expected='rare-classes ' finds rare.csv
head -n 101 t.csv | sed 's/,yes$/,no/' >even.csv
echo '5,red,yes' >>even.csv
expected='rare-classes imbalance ' finds even.csv
tail -n +2 t.csv | head -n 100 >rows
{ head -n 1 t.csv; cat rows; } >test.csv
expected='shared-rows ' finds t.csv --test test.csv
run 0 data info t.csv --test test.csv
prints "100 of 100 test rows (100 %)"

# Several at once, the gravest first; missing numbers; roles.
awk 'BEGIN { print "id,x,x2,k,alive,w,y"; srand(1)
    for (r = 0; r < 200; r++) { x = r % 5 ? (r * 7919) % 101 / 10 : ""; y = (r * 31) % 7 > 3
        print r "," x "," x ",1," (y ? "yes" : "no") ",1," y } }' >many.csv
expected='leak constant duplicate id ' finds many.csv --weight w
run 0 data info many.csv --weight w
grep -qE '^x +number +40 ' out || fail "no missing numbers: $(cat out)"
grep -qE '^w +weight$' out || fail "no weight: $(cat out)"
grep -qE '^y +target ' out || fail "no target: $(cat out)"

# What stands in a file gives a terminal no orders.
printf 'a\033[31m,y\n' >escape.csv
for i in $(seq 30); do printf '%d\033]0;t\007x,%s\n' $((i % 4)) "c$((i % 2))\\e"; done >>escape.csv
run 0 data info escape.csv
grep -q $'\033' out && fail "control codes from a file: $(cat -v out)"
run 0 data info escape.csv --json
grep -q $'\033' out && fail "control codes from a file in JSON"

# Images and built-in sets as before.
run 0 data info digits:300/50
grep -q '^column' out && fail "a table of pixels"
run 0 data info digits:300/50 --json
[ "$(grep -o '"columns":\[\]' out)" ] || fail "pixels in JSON: $(head -c 300 out)"
finish
