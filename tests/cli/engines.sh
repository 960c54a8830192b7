#!/usr/bin/env bash
# Engines and precisions: what is there works and says so; what this build or machine lacks is refused before anything is
# written; words that mean nothing are refused everywhere.
. "${BASH_SOURCE%/*}/lib.bash"

run 0 train digits:600/100 --epochs 1 --engine portable -v -o portable.nudge
grep -q '^engine    portable' out || fail "-v does not say that the engine is portable"
run 0 eval portable.nudge digits:600/100 --engine portable
refuses '--engine: found "gpu", expected auto, portable, native or onednn' train digits:600/100 --engine gpu
refuses '--precision: found "f16", expected f32 or bf16' train digits:600/100 --precision f16
refuses 'precision bf16 needs the engine onednn; the engine here is portable' train digits:600/100 --engine portable \
    --precision bf16 -o never.nudge

"$NUDGE" train digits:600/100 --epochs 1 --engine native -v -o native.nudge >out 2>err
case $? in
0)  grep -q '^engine    native' out || fail "-v does not say that the engine is native"
    for threads in 1 2 3; do # 784 x 320 x 128 multiplications: layer by layer
        run 0 train digits:600/100 --epochs 2 --hidden 320 --activation relu --batch 128 --engine native --threads $threads \
            --journal "native-$threads.journal" -o "native-$threads.nudge"
        cmp native-1.nudge native-$threads.nudge || fail "native: $threads threads give other bits"
    done
    run 0 plot curves native-1.journal -o curves.svg
    run 0 eval native-1.nudge digits:600/100 --engine portable ;;
2)  says 'engine native' && one_sentence ;;
*)  fail "train --engine native: neither works nor is refused"; cat err ;;
esac

"$NUDGE" train digits:600/100 --epochs 1 --engine onednn -v -o onednn.nudge >out 2>err
case $? in
0)  grep -q '^engine    onednn' out || fail "-v does not say that the engine is onednn"
    "$NUDGE" train digits:600/100 --epochs 1 --batch 128 --precision bf16 -v -o bf16.nudge >out 2>err
    case $? in
    0)  grep -q '^engine    onednn' out || fail "bf16 without onednn"
        run 0 eval bf16.nudge digits:600/100 --precision bf16 --json
        run 0 predict bf16.nudge digits:600/100 --engine portable
        for precision in f32 bf16; do # 784 x 320 x 128: oneDNN computes it in f32, too
            for threads in 1 2 3; do
                run 0 train digits:600/100 --epochs 2 --hidden 320 --activation relu --batch 128 --precision $precision \
                    --threads $threads -o "$precision-$threads.nudge"
                cmp "$precision-1.nudge" "$precision-$threads.nudge" || fail "$precision: $threads threads give other bits"
            done
        done ;;
    2)  says 'precision bf16' && one_sentence ;;
    *)  fail "train --precision bf16: neither works nor is refused"; cat err ;;
    esac ;;
2)  says 'engine onednn' && one_sentence
    for verb in "train digits:600/100 -o never.nudge" "eval portable.nudge digits:600/100" "predict portable.nudge digits:600/100"; do
        # shellcheck disable=SC2086 # words
        refuses 'engine onednn' $verb --engine onednn
        # shellcheck disable=SC2086
        refuses 'precision bf16 needs the engine onednn' $verb --precision bf16
    done ;;
*)  fail "train --engine onednn: neither works nor is refused"; cat err ;;
esac
[ ! -e never.nudge ] || fail "a model was made by a refused command"
finish
