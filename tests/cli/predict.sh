#!/usr/bin/env bash
# nudge predict: CSV and JSON, from data sets and from standard input.
. "${BASH_SOURCE%/*}/lib.bash"
run 0 train xor --net "8 tanh, 2 softmax" --epochs 500 --lr 0.5 -q -o xor.nudge
run 0 train xor --net "8 tanh, 1 sigmoid" --epochs 500 --lr 0.5 -q -o one.nudge
run 0 train chain --epochs 50 -q -o chain.nudge
run 0 train digits:400/300 --hidden 12 --epochs 2 -q -o digits.nudge

# answers TEXT MODEL: what the model answers to rows on standard input, without the confidences.
answers() { printf "$1" | "$NUDGE" predict "$2" - 2>err | cut -d, -f1,2 | tr '\n' ' '; }
is() { [ "$2" = "$3" ] || { fail "$1: \"$2\", expected \"$3\""; cat err; }; }

run 0 predict xor.nudge xor
head -n 1 out >header
is "the header" "$(cat header)" "row,answer,confidence,p_0,p_1"
is "a data set" "$(cut -d, -f1,2 out | tr '\n' ' ')" "row,answer 0,0 1,1 2,1 3,0 "
awk -F, 'NR > 1 { if ($4 + $5 < 0.999999 || $4 + $5 > 1.000001 || $3 != ($4 > $5 ? $4 : $5)) exit 1 }' out ||
    fail "the outputs of a row: $(cat out)"
cp out all
run 0 predict xor.nudge xor --index 2
is "--index" "$(sed -n 2p out)" "$(sed -n 4p all)"
run 0 predict xor.nudge xor --first 2
is "--first" "$(cat out)" "$(head -n 3 all)"
run 0 predict xor.nudge xor --first 20
same out all
refuses "--index: found 4, expected 0 to 3" predict xor.nudge xor --index 4

# Rows as text: the same answers, however the numbers stand.
expected="row,answer 0,0 1,1 2,1 3,0 "
is "blanks" "$(answers '0 0\n0 1\n1 0\n1 1\n' xor.nudge)" "$expected"
is "commas" "$(answers '0,0\n0,1\n1,0\n1,1\n' xor.nudge)" "$expected"
is "tabs" "$(answers '0\t0\n0\t1\n1\t0\n1\t1\n' xor.nudge)" "$expected"
is "much between" "$(answers ' 0 , 0 \r\n\n0 ,1\n  \n1.0e0, 0e5\n\n+1\t ,1' xor.nudge)" "$expected"
is "one output" "$(answers '0 0\n0 1\n1 0\n1 1\n' one.nudge)" "$expected"
is "nothing" "$(answers '' xor.nudge)" "row,answer "
printf '0 0\n0 1\n1 0\n1 1\n' | "$NUDGE" predict xor.nudge - >piped
same piped all

# More rows than a portion holds, in pieces that end anywhere.
"$NUDGE" predict digits.nudge digits:400/300 >set.csv
is "300 rows" "$(wc -l <set.csv)" 301
awk 'BEGIN { for (i = 0; i < 20000; i++) print i % 2, int(i / 2) % 2 }' >many
"$NUDGE" predict xor.nudge - <many >out
is "20,000 rows" "$(wc -l <out)" 20001
awk -F, 'NR > 1 && ($1 != NR - 2 || $2 != ((NR - 2) % 2 + int((NR - 2) / 2) % 2) % 2) { exit 1 }' out || fail "20,000 answers"
(printf '0 '; sleep 0.2; printf '1\n1 '; sleep 0.2; printf '1') | "$NUDGE" predict xor.nudge - | cut -d, -f1,2 >out
is "pieces" "$(tr '\n' ' ' <out)" "row,answer 0,1 1,0 "

# An answer comes as soon as its row is complete.
mkfifo questions
"$NUDGE" predict xor.nudge - <questions >replies &
exec 3>questions
echo 0 1 >&3
for _ in $(seq 100); do grep -q '^0,1' replies && break; sleep 0.05; done
grep -q '^0,1' replies || fail "no answer while standard input stays open"
exec 3>&-
wait

run 0 predict chain.nudge chain --first 1
is "numbers" "$(head -n 1 out)" "row,y_0"
run 0 predict xor.nudge xor --json
golden predict.json <(sed -E 's/[0-9]\.[0-9]+(e-?[0-9]+)?/NUMBER/g' out)
run 0 predict chain.nudge chain --json --index 3
grep -qE '^\{"row":3,"outputs":\[[0-9.]+\]\}$' out || fail "JSON of a regression: $(cat out)"

# A file appears when it is complete, and not at all when something is wrong.
run 0 predict xor.nudge xor -o answers.csv
[ ! -s out ] || fail "-o writes to standard output, too"
same answers.csv all
echo old >keep
printf '0 0\n0 x\n' | "$NUDGE" predict xor.nudge - -o keep 2>err
[ $? -eq 2 ] && [ "$(cat keep)" = old ] && [ "$(ls keep*)" = keep ] || fail "bad input touched the file"
ln -s keep link
run 0 predict xor.nudge xor -o link
[ -L link ] && cmp -s keep all || fail "-o through a link"
long=$(printf 'n%.0s' $(seq 250))
run 0 predict xor.nudge xor -o "$long"
refuses "its name is too long" predict xor.nudge xor -o "$long-too-long"
[ -z "$(ls -A | grep '^\.nudge')" ] || fail "files are left behind: $(ls -A)"
[ -c /dev/full ] && { run 1 predict xor.nudge xor -o /dev/full; says "/dev/full: cannot be written"; }

# wrong TEXT SENTENCE
wrong() {
    printf "$1" | "$NUDGE" predict xor.nudge - >out 2>err
    [ $? -eq 2 ] || fail "rows \"$1\" are taken"
    says "$2"
    [ "$(wc -l <err)" -eq 1 ] || fail "more than one sentence"
}
wrong '0 0\n0 abc\n' 'standard input: line 2, column 2: found "abc", expected a finite number'
wrong '0 nan\n' 'line 1, column 2: found "nan"'
wrong '0 inf\n' 'line 1, column 2: found "inf"'
wrong '0 1e99\n' 'line 1, column 2: found "1e99"'
wrong '0 0x1\n' 'line 1, column 2: found "0x1"'
wrong '0\n' 'line 1: 1 number, expected 2'
wrong '0 0\n\n0 0 0\n' 'line 3: more than 2 numbers, expected 2'
wrong '0,,1\n' 'line 1, column 2: found a comma'
wrong ',0,1\n' 'line 1, column 1: found a comma'
wrong '0,1,\n' 'line 1, column 3: found nothing after the comma'
wrong '0 \0\n' 'line 1, column 2: found a byte 0'
wrong "0 $(printf '1%.0s' $(seq 100))\n" 'line 1, column 2: found a word that is too long'
# An answer that is none is told, and no file is made of it.
run 0 train xor --epochs 200 -q -o relu.nudge
printf '0 1\n3e38 -3e38\n' >rows
"$NUDGE" predict relu.nudge - <rows >out 2>err
[ $? -eq 1 ] || fail "no answer: status not 1"
says "nudge: standard input: row 1 has no answer"
! grep -qi nan out || fail "no answer is written: $(cat out)"
"$NUDGE" predict relu.nudge - -o never.csv --json <rows >out 2>err
[ $? -eq 1 ] && [ ! -e never.csv ] || fail "no answer: a file is made"
make_model overflow.nudge 2 "3 identity, 2 softmax" 3e38
for verb in eval predict explain "eval --json" "plot boundary" "data show --model"; do
    set -- $verb
    case $verb in
    plot*) "$NUDGE" plot boundary overflow.nudge circles:40/10 -o boundary.svg >out 2>err && plain boundary.svg ;;
    data*) run 1 data show xor --index 1 --model overflow.nudge; says "xor: test row 1 has no answer" ;;
    *) run 1 "$1" overflow.nudge xor "${@:2}"; says "xor: test row" ;;
    esac
done

finish
