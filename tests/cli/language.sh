#!/usr/bin/env bash
# Pictures and text in Chinese: every label and sentence is in the tables of cli/tell/words_*.c, and no entry of them is idle; the
# language is the option's, else the locale's; pictures without a font are English, and it is said once.
. "${BASH_SOURCE%/*}/lib.bash"
words=${NUDGE%/*}/tests/nudge-words
[ -x "$words" ] || { echo "this program has no pictures"; exit 77; }
run 0 train digits:300/100 --engine portable --hidden 12,9 --activation sigmoid --output sigmoid --cost quadratic --epochs 2 -q \
    -o digits.nudge --journal digits.journal --json
cp out run.jsonl
run 0 train digits:300/100 --engine portable --hidden 200 --epochs 1 -q -o soft.nudge
run 0 train xor --engine portable --net "3 tanh, 1 sigmoid" --epochs 30 --lr 0.5 -q -o xor.nudge
run 0 train spiral:60/20 --hidden 8 --epochs 4 -q --journal spiral.journal
awk 'BEGIN { print "length,花萼,kind"; for (i = 0; i < 60; i++) print i % 7 ","  i % 11 "," (i % 2 ? "山鸢尾" : "iris") }' >table.csv
run 0 train table.csv --hidden 4 --epochs 2 --optimizer adam -q -o table.nudge --journal table.journal
awk 'BEGIN { print "a,price"; for (i = 0; i < 40; i++) print i * 0.37 "," i * i * 0.53 }' >reg.csv
awk 'BEGIN { print "x,y,kind"; for (i = 0; i < 90; i++) print i % 10 "," i % 9 ",k" i % 9 }' >many.csv
run 0 train many.csv --target kind --hidden 4 --epochs 2 -q -o many.nudge
run 0 train reg.csv --hidden 4 --epochs 2 -q -o reg.nudge

# draws ARGUMENT...: the texts of the picture are added to the file drawn.
draws() {
    NUDGE_WORDS=$PWD/drawn "$words" "$@" -o picture.svg >out 2>err </dev/null || fail "nudge $*: $(cat err)"
}
digits=digits:300/100
zh=(--language zh)
draws plot curves run.jsonl "${zh[@]}"
draws plot curves run.jsonl run.jsonl "${zh[@]}"
draws plot curves digits.journal "${zh[@]}"
draws plot curves digits.journal spiral.journal "${zh[@]}"
draws plot reads digits.nudge $digits "${zh[@]}"
draws plot mistakes digits.nudge $digits "${zh[@]}"
draws plot mistakes soft.nudge $digits "${zh[@]}"
draws plot confusion digits.nudge $digits "${zh[@]}"
draws plot confusion table.nudge table.csv --part train "${zh[@]}"
draws plot weights digits.nudge "${zh[@]}"
draws plot weights digits.nudge --layer 2 "${zh[@]}"
draws plot weights soft.nudge "${zh[@]}"
draws plot weights table.nudge "${zh[@]}"
draws plot network digits.nudge "${zh[@]}"
draws plot network soft.nudge $digits --show wishes "${zh[@]}"
draws plot network table.nudge table.csv --part train --show gradients "${zh[@]}"
draws plot network xor.nudge xor "${zh[@]}"
draws plot activations digits.nudge $digits "${zh[@]}"
draws plot gradients digits.nudge $digits --part train "${zh[@]}"
draws plot boundary many.nudge many.csv --part train "${zh[@]}"
draws plot boundary spiral.journal spiral:60/20 "${zh[@]}"
draws plot boundary table.nudge table.csv --part train "${zh[@]}"
draws explain digits.nudge $digits "${zh[@]}"
draws explain soft.nudge $digits --layer 1 "${zh[@]}"
draws explain table.nudge table.csv --part train "${zh[@]}"
draws explain reg.nudge reg.csv --part train "${zh[@]}"
draws explain digits.journal $digits --weight 2,1,3 --all "${zh[@]}"
draws explain xor.nudge xor --bias 2,0 --all "${zh[@]}"
draws explain digits.journal $digits --at 7 --weight 2,1,3 "${zh[@]}"
draws explain table.journal table.csv --at 2 --weight 1,0,1 "${zh[@]}"
draws surface chain --net "1 sigmoid" --plane 1,0,0:1,0 --epochs 2 --side 5 "${zh[@]}"
draws surface xor --hidden 3 --plane 1,0,0:1,0 --epochs 2 --side 5 "${zh[@]}"
draws surface spiral:60/20 --plane random --walkers full,sgd,momentum,adam --epochs 3 --side 5 "${zh[@]}"
draws surface spiral:60/20 --journal spiral.journal --side 5 "${zh[@]}"

# What stays: names of files, data, columns and classes; of activations, costs and optimizers as options have them; symbols.
names='adam|many|price|reg|cross|csv|digits|entropy|identity|iris|journal|jsonl|kind|length|momentum|ms|nudge|quadratic|relu|run|sgd|sigmoid|soft|softmax|spiral|table|tanh|xor|chain|Adam|gelu|binary'
left=$(grep -oE '[A-Za-z]{2,}' drawn | grep -vxE "$names" | sort -u | tr '\n' ' ')
[ -z "$left" ] || fail "English in Chinese pictures: $left"
[ "$(wc -l <drawn)" -gt 1000 ] || fail "only $(wc -l <drawn) texts were drawn"
# What is printed, in every shape; what the library says of a training and of columns is English: no English left, no line wider than 80 columns or the English, errors and JSON as ever.
: >told
tells() {
    local wide most
    most=$("$NUDGE" "$@" 2>/dev/null </dev/null | LC_ALL=C.UTF-8 wc -L)
    [ "$most" -ge 80 ] || most=80
    NUDGE_WORDS=$PWD/drawn "$NUDGE" "$@" "${zh[@]}" >out 2>err </dev/null || fail "nudge $*: $(cat err)"
    cat out >>told
    wide=$(LC_ALL=C.UTF-8 wc -L <out)
    [ "$wide" -le "$most" ] || fail "nudge $*: $wide columns wide, more than $most"
    ! LC_ALL=C.UTF-8 grep -qP '\p{Han}' err || fail "nudge $*: Chinese on standard error: $(cat err)"
}
tells explain digits.nudge $digits -v
tells explain digits.nudge $digits --layer 1
tells explain digits.nudge $digits --layer 0 -o picture.svg
tells explain digits.nudge $digits --set 266=0.5 --erase 100-120
tells explain soft.nudge $digits --index 3
tells explain soft.nudge $digits --index 3 --layer 2 --neuron 3
tells explain soft.nudge $digits --weight 2,3,3 -v
tells explain table.nudge table.csv --part train --index 1
tells explain table.nudge table.csv --part train -v
tells explain table.nudge table.csv --part train --set length=3
tells explain reg.nudge reg.csv --part train -v
tells explain reg.nudge reg.csv --part train --index 7
tells explain many.nudge many.csv --part train
tells explain xor.nudge xor
tells explain digits.journal $digits --weight 2,1,3 --all
tells explain digits.journal $digits --bias 2,1 --by 0.1 -v
tells explain digits.journal $digits --at 7
tells explain digits.journal $digits --at 7 --index 3
tells explain digits.journal $digits --at 7 --weight 2,1,3
tells explain digits.journal $digits --at 7 --index 3 --bias 2,1
tells explain table.journal table.csv --at 2 --weight 1,0,1
tells train $digits --engine portable --hidden 12,9 --epochs 2 -v -o again.nudge --journal again.journal
tells train table.csv --hidden 4 --epochs 2 --momentum 0.9 --optimizer sgd --schedule step --decay 0.5
tells train table.csv --hidden 4 --epochs 2 --schedule exponential --no-shuffle
tells train reg.csv --hidden 4 --epochs 1 --l1 0.1 --l2 0.1 --val-split 0.2 --patience 3
tells train xor --net "8 relu, dropout 0.5, 2 softmax" --epochs 1 --batch-size 0 --weight-decay 0.1 --optimizer adam --schedule one-cycle
tells eval digits.nudge $digits
tells eval table.nudge table.csv
tells eval reg.nudge reg.csv
tells eval many.nudge many.csv --part train
tells check $digits --hidden 4
tells check xor --hidden 4 --rows 1
tells surface chain --net "1 sigmoid" --plane 1,0,0:1,0 --epochs 2 --side 5 --data surface.csv
tells surface xor --hidden 3 --plane 1,0,0:1,0 --epochs 2 --side 5
tells surface spiral:60/20 --plane random --walkers full,sgd,momentum,adam --epochs 3 --side 5
tells surface spiral:60/20 --journal spiral.journal --side 5
tells data show $digits --count 2
tells data show $digits --model digits.nudge
tells data show $digits --model soft.nudge
tells data show table.csv --part train
tells data show reg.csv --part train --model reg.nudge
sed -i -E '/^finding /,/^[^ ]/ { /^(finding| )/d }; /^ {10}target: /d' told
# What is to be typed is not translated.
grep -E -- '--erase [0-9]+，' told && fail "a list that cannot be typed"
left=$(sed -E 's/[A-Za-z.]+\.(nudge|svg|csv|journal)//g; s/nudge explain @[0-9]+ [a-z0-9:/]* *--part train|--[a-z]+( [A-Z,]+)?|-o FILE//g' told | grep -oE '[A-Za-z]{2,}' | grep -vxE "$names|portable|standard|dropout|one|cycle|beta|epsilon|max|AUC|MAE|RMSE" | sort -u | tr '\n' ' ')
[ -z "$left" ] || fail "English in Chinese text: $left"
[ "$(wc -l <told)" -gt 400 ] || fail "only $(wc -l <told) lines were told"
"$NUDGE" explain digits.nudge $digits --json >english.json 2>err
"$NUDGE" explain digits.nudge $digits --json "${zh[@]}" >out 2>err
same english.json out
run 0 explain digits.nudge $digits --index 3 --layer 2 --neuron 3 "${zh[@]}"
LC_ALL=C.UTF-8 "$NUDGE" explain digits.nudge $digits --index 3 --layer 2 --neuron 3 "${zh[@]}" >utf8
same utf8 out # as wide and with the formulas' letters, whatever the locale's charset
run 0 explain digits.nudge $digits "${zh[@]}"
rounded out >explain-zh.txt
golden explain-zh.txt explain-zh.txt
# No entry that nothing says, literals joined where they stand in pieces.
(cd "$NUDGE_SOURCE" && cat $(ls cli/*/*.c draw/*.c | grep -v /words)) | tr '\n' ' ' | sed -E 's/" +"//g' >source
sed -n '/ words_.*\[\]/,/^};/p' "$NUDGE_SOURCE"/cli/tell/words_*.c | tr '\n' ' ' | sed -E 's/" +"//g' | grep -oE '\{"([^"\\]|\\.)*",' | sed -E 's/^\{//; s/,$//' >entries
[ "$(wc -l <entries)" -gt 100 ] || fail "only $(wc -l <entries) entries were found"
while read -r entry; do grep -qF -- "$entry" source || fail "cli/tell/words_*.c: nothing says $entry"; done <entries

# The option, else LC_ALL, LC_MESSAGES, LANG in this order.
speaks() { # LANGUAGE VARIABLE=VALUE... -- ARGUMENT...
    local expected=$1 set=()
    shift
    while [ "$1" != -- ]; do set+=("$1"); shift; done
    shift
    rm -f said
    env -u LC_ALL -u LC_MESSAGES -u LANG "${set[@]}" NUDGE_WORDS="$PWD/said" "$words" plot curves run.jsonl "$@" -o picture.svg >out 2>err
    grep -q "$([ "$expected" = zh ] && echo 代价 || echo cost)" said || fail "${set[*]} $*: no $expected: $(tr '\n' ' ' <said)"
}
speaks en --
speaks en LANG=C.UTF-8 --
speaks zh LANG=zh_CN.UTF-8 --
speaks zh LC_MESSAGES=zh_TW LANG=de_DE --
speaks en LC_ALL=en_GB LC_MESSAGES=zh_CN LANG=zh_CN --
speaks zh LC_ALL= LANG=zh_CN --
speaks en LANG=zh_CN.UTF-8 -- --language en
speaks zh LANG=C -- --language zh
LC_ALL=zh_CN.UTF-8 "$NUDGE" explain xor.nudge xor >out 2>err
prints "测试样本"
refuses "--language: found \"de\", expected en or zh" plot curves run.jsonl -o picture.svg --language de

# Without such a font: said once, for all pictures of a training, and English.
rm -f drawn
NUDGE_FONTS=none NUDGE_WORDS=$PWD/drawn "$words" train xor --epochs 2 -q --plot pictures --language zh >out 2>err
[ "$(grep -c 'no font with Chinese characters' err)" -eq 1 ] || fail "no font: $(cat err)"
grep -q cost drawn && ! grep -q 代价 drawn || fail "no font: $(tr '\n' ' ' <drawn)"
# Columns and classes in Chinese are drawn in English pictures, too, and the terminal needs no font.
rm -f drawn
draws plot network table.nudge table.csv --part train
grep -qx 山鸢尾 drawn && grep -qx 花萼 drawn || fail "names in Chinese: $(tr '\n' ' ' <drawn)"
LC_ALL=C "$NUDGE" plot mistakes digits.nudge $digits --text --count 1 --language zh >out 2>err || fail "--text: $(cat err)"
prints "digits.nudge 最严重的错误"
run 0 plot curves run.jsonl --text --language zh
prints "run.jsonl，训练代价："
! grep -q '[a-z][a-z] [a-z]' out || fail "--text in English: $(grep '[a-z][a-z] [a-z]' out)"
run 0 plot curves digits.journal --text --language zh
prints "digits.journal，梯度的长度："
# A label of the data that no font has: said once.
rm -f drawn
NUDGE_FONTS=none "$words" plot network table.nudge table.csv --part train -o picture.svg >out 2>err || fail "no font: $(cat err)"
[ "$(grep -c 'are drawn as boxes' err)" -eq 1 ] || fail "boxes: $(cat err)"
NUDGE_FONTS=none "$words" plot network xor.nudge xor -o picture.svg >out 2>err || fail "no font: $(cat err)"
[ ! -s err ] || fail "boxes where there is no Chinese: $(cat err)"
finish
