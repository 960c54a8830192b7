#!/usr/bin/env bash
# Text from outside: labels, names of files, rows, options, recipes. However it is shown, it is UTF-8, cut between characters,
# and gives a terminal no orders.
. "${BASH_SOURCE%/*}/lib.bash"
export LC_ALL=C.UTF-8
pictures=
if "$NUDGE" plot curves /dev/null -o x.svg 2>&1 | cat | { ! grep "without pictures" >/dev/null; }; then pictures=yes; fi

escape=$'\033[2J' c1=$'\302\2332J' bidi=$'\342\200\256' zero=零零零零零零零零零零零零 kanji=漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢

# -- labels, long and hostile --

make_model long.nudge 2 "3 tanh, 2 softmax" 0.1 "$zero" "$kanji$kanji$kanji"
make_model hostile.nudge 2 "3 tanh, 2 softmax" 0.1 "a${c1}b" "c${bidi}d"
for model in long hostile; do
    for verb in inspect "inspect --json" "eval xor" "eval xor --json" "explain xor" "explain xor --json" "explain xor --all --weight 1,0,0" \
        "predict xor --json" "data show xor --model" "plot curves"; do
        case $verb in
        inspect*) run 0 $verb $model.nudge ;;
        "data show"*) run 0 $verb $model.nudge ;;
        plot*) continue ;;
        *)  # shellcheck disable=SC2086 # words
            set -- $verb
            run 0 "$1" $model.nudge "${@:2}" ;;
        esac
        plain out
    done
    if [ -n "$pictures" ]; then
        for verb in "explain xor" "explain xor --weight 1,0,0" "plot confusion xor" "plot boundary xor" "plot activations xor" "plot network xor"; do
            set -- $verb
            if [ "$1" = plot ]; then run 0 plot "$2" $model.nudge "${@:3}" -o picture.svg; else run 0 "$1" $model.nudge "${@:2}" -o picture.svg; fi
            plain picture.svg
        done
    fi
done
for model in long hostile; do
    run 0 train xor --epochs 1 --from $model.nudge
    prints "classes by their place"
    plain out
done
# Names of tensors of another program's file.
json="{\"fc\\u001b[2J$c1$bidi.weight\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]}}"
{ printf '%b\0\0\0\0\0\0\0%s' "\\x$(printf %02x "$(printf %s "$json" | wc -c)")" "$json"; head -c 16 /dev/zero; } >hostile.safetensors
refuses "are called fc\\u001b[2J" train xor --from hostile.safetensors
plain err
refuses "there is no tensor a\\u001b[2J.weight" train xor --from hostile.safetensors --map "a$escape"
plain err
prints_whole() { LC_ALL=C grep -qF -- "$1" out || fail "$2: the label is not whole"; }
run 0 predict long.nudge xor --json
prints_whole "\"answer\":\"$zero\"" "predict --json"
run 0 predict long.nudge xor
prints_whole ",p_$kanji$kanji$kanji" "predict"
run 0 eval long.nudge xor --json
prints_whole "\"label\":\"$kanji$kanji$kanji\"" "eval --json"
run 0 inspect hostile.nudge --json
prints 'a\u009b2Jb'
prints 'c\u202ed'

# A terminal gets the answers fit to be shown, a file as they are.
run 0 predict hostile.nudge xor
grep -qF "a${c1}b" out || fail "predict into a file changes a label"
if command -v script >/dev/null; then
    script -qec "'$NUDGE' predict hostile.nudge xor" /dev/null </dev/null | tr -d '\r' >out
    plain out
    prints 'a\u009b2Jb'
    script -qec "'$NUDGE' predict hostile.nudge xor -o /dev/stdout" /dev/null </dev/null | tr -d '\r' >out
    plain out
    prints 'a\u009b2Jb'
fi

# -- names of files --

name="$(printf 'set\377')$escape$c1"
if mkdir "$name" 2>/dev/null; then
    run 0 data make digits:40/10 -o "$name/data"
    plain out
    run 0 train "./$name/data" --epochs 2 -o "$name/model.nudge" --journal "$name/run.journal"
    plain out
    plain err
    [ -s "$name/model.nudge" ] && [ -s "$name/run.journal" ] || fail "not saved where names are not UTF-8"
    for verb in "inspect" "inspect --json"; do run 0 $verb "$name/model.nudge"; plain out; done
    for verb in "eval" "eval --json" "explain"; do
        set -- $verb
        run 0 "$1" "$name/model.nudge" "./$name/data" "${@:2}"
        plain out
    done
    refuses "no such folder" train xor -o "$name/none/x.nudge"
    plain err
    run 2 inspect "$name/none"
    plain err
    run 2 plot curves "$name/model.nudge" -o x.svg
    plain err
    if [ -n "$pictures" ]; then
        run 0 train "./$name/data" --epochs 2 -q -o "$name/$kanji.nudge" --plot "$name/pictures"
        for picture in "$name/pictures"/*.svg; do plain "$picture"; done
        run 0 plot curves "$name/run.journal" -o curves.svg
        plain out
        plain curves.svg
        run 0 plot curves "$name/run.journal" --text
        plain out
        run 0 surface "./$name/data" --journal "$name/run.journal" --side 5 -o surface.svg
        plain out
        plain surface.svg
    fi
fi
run 0 train xor --epochs 1 -q -o "$kanji.nudge"
run 0 eval "$kanji.nudge" xor
plain out

# -- words --

run 2 train xor "--aa$(printf 'é%.0s' $(seq 60))"
plain err
run 2 train xor --epochs "b$(printf 'é%.0s' $(seq 700))"
plain err
says "expected a whole number from 1"

for word in "$escape" "$c1" "$bidi" $'\377' "a${escape}b"; do
    run 2 "$word"
    plain err
    run 2 train "$word"
    plain err
    run 2 train xor --lr "$word"
    plain err
    run 2 train xor "--$word" 1
    plain err
    run 2 train xor --hidden "3$word"
    plain err
    run 2 train xor --net "3 tanh$word, 2 softmax"
    plain err
    run 2 train xor @"$word"
    plain err
    printf -- '--lr %s\n' "$word" >recipe
    run 2 train xor @recipe
    plain err
    printf '0 %s\n' "$word" | "$NUDGE" predict "$kanji.nudge" - >out 2>err
    [ $? -eq 2 ] || fail "rows with control characters"
    plain err
    printf '{"event":"epoch","epoch":"%s"}\n' "$word" >run.jsonl
    run 2 plot curves run.jsonl --text
    plain err
    run 2 surface xor --walkers "$word"
    plain err
    run 2 explain "$kanji.nudge" xor --weight "$word"
    plain err
done
finish
