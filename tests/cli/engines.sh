#!/usr/bin/env bash
# Engines and precisions: what is there works and says so; what this build or machine lacks is refused before anything is
# written; words that mean nothing are refused everywhere.
. "${BASH_SOURCE%/*}/lib.bash"

run 0 train digits:600/100 --epochs 1 --engine portable -v -o portable.nudge
grep -q '^engine    portable' out || fail "-v does not say that the engine is portable"
run 0 eval portable.nudge digits:600/100 --engine portable
refuses '--engine: found "gpu", expected auto, portable or native' train digits:600/100 --engine gpu
refuses '--precision: found "f16", expected f32 or bf16' train digits:600/100 --precision f16
refuses 'precision bf16 needs the engine native; the engine here is portable' train digits:600/100 --engine portable \
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

# Kernels for bf16: those that this machine has; tiles, which is plain C, wherever the engine is native.
for kernel in "" amx avx512 tiles; do
    "$NUDGE" train digits:600/100 --epochs 1 --batch 128 --precision bf16 ${kernel:+--bf16-kernel $kernel} -v -o bf16.nudge >out 2>err
    case $? in
    0)  grep -q "^engine    native, bf16 by ${kernel:-a}" out || fail "-v does not say which kernel multiplies in bf16"
        run 0 inspect bf16.nudge
        grep -q "bf16_kernel *${kernel:-a}" out || fail "inspect does not say which kernel multiplied in bf16"
        run 0 eval bf16.nudge digits:600/100 --precision bf16 --json
        run 0 predict bf16.nudge digits:600/100 --engine portable
        for threads in 1 2 3; do
            run 0 train digits:600/100 --epochs 2 --hidden 320 --activation relu --batch 128 --precision bf16 \
                ${kernel:+--bf16-kernel $kernel} --threads $threads -o "bf16-$threads.nudge"
            cmp bf16-1.nudge "bf16-$threads.nudge" || fail "bf16 ${kernel:-by default}: $threads threads give other bits"
        done ;;
    2)  says 'precision bf16' && one_sentence
        [ "$kernel" != tiles ] || [ ! -e native.nudge ] || fail "the kernel tiles must work wherever native does" ;;
    *)  fail "train --precision bf16: neither works nor is refused"; cat err ;;
    esac
done
[ ! -e never.nudge ] || fail "a model was made by a refused command"
finish
