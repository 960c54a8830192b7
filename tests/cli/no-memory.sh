#!/usr/bin/env bash
# Memory that runs out under the command: each allocation of the process fails in turn, those of the JSON library among them. It may
# go on without (status 0, as then nothing needed it), or say so: one sentence, status 1. It never dies, and never takes a good
# file for a bad one.
. "${BASH_SOURCE%/*}/lib.bash"
library=${NUDGE%/*}/tests/fail-malloc.so
[ -f "$library" ] || { echo "skipped: needs $library, which sanitizers and other systems do without"; exit 77; }
run 0 train xor --hidden 4 --epochs 20 --threads 1 -q -o xor.nudge --journal xor.journal
"$NUDGE" train xor --epochs 3 --json -q >run.jsonl
LD_PRELOAD=$library "$NUDGE" inspect xor.nudge >out 2>err || { echo "skipped: LD_PRELOAD does not work here"; exit 77; }

# [compare=FILE] fails_each MOST ARGUMENT...: every allocation up to the number MOST. With FILE, what is printed where nothing is told
# must be the same.
compare=
fails_each() {
    local most=$1 n status bad=0 failed=0
    shift
    for ((n = 1; n <= most && bad < 3; n++)); do
        FAIL_MALLOC_AT=$n LD_PRELOAD=$library "$NUDGE" "$@" >out 2>err </dev/null
        status=$?
        case $status in
        0)  [ -z "$compare" ] || cmp -s out "$compare" ||
                { fail "allocation $n of nudge $*: status 0, and something is missing: $(diff out "$compare")"; bad=$((bad + 1)); } ;;
        1)  failed=$((failed + 1))
            grep -q 'not enough memory' err || { fail "allocation $n of nudge $*: $(cat err)"; bad=$((bad + 1)); } ;;
        *) fail "allocation $n of nudge $*: status $status: $(cat err)"; bad=$((bad + 1)) ;;
        esac
    done
    [ "$failed" -ge 5 ] || fail "nudge $*: only $failed of $most allocations were missed"
}
fails_each 120 inspect xor.nudge
fails_each 120 eval xor.nudge xor --threads 1
fails_each 120 predict xor.nudge xor --threads 1
echo "--epochs 2" >recipe
fails_each 40 train xor @recipe --hidden 4 --threads 1 -q -o new.nudge
fails_each 160 cv xor --folds 2 --hidden 4 --epochs 2 --threads 1
fails_each 160 cv xor --folds 2 --hidden 4 --epochs 2 --threads 2 --json
# A line is whole, or it is told.
"$NUDGE" predict xor.nudge xor --json >whole
fails_each 160 predict xor.nudge xor --json --threads 1
for ((n = 1; n <= 160; n++)); do
    FAIL_MALLOC_AT=$n LD_PRELOAD=$library "$NUDGE" predict xor.nudge xor --json --threads 1 >out 2>err </dev/null
    [ $? -ne 0 ] || cmp -s out whole || fail "allocation $n of predict --json: status 0, and lines are missing: $(cat out)"
    [ "$failures" -lt 5 ] || break
done
# What explain prints is whole, or something is told.
for words in "xor.nudge xor" "xor.nudge xor -v --top 50" "xor.nudge xor --json" "xor.nudge xor --weight 1,2,0 --all" "xor.nudge xor --set 0=1 --erase 1 --set b(1)[0]=1" \
    "xor.journal xor --at 3 --weight 1,2,0" "xor.journal xor --at 3 --index 2 --json" "xor.journal@5 xor"; do
    "$NUDGE" explain $words --threads 1 >whole || fail "explain $words: $(cat whole)"
    compare=whole fails_each 160 explain $words --threads 1
done
fails_each 120 check xor.nudge xor --parameters 5
fails_each 200 train xor --hidden 4 --epochs 2 --threads 1 -q -o new.nudge --journal new.journal
json='{"0.weight":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}'
{ printf "\\x$(printf %02x ${#json})\0\0\0\0\0\0\0%s" "$json"; head -c 16 /dev/zero; } >net.safetensors
for from in xor.nudge net.safetensors; do
    fails_each 120 train xor --from $from --epochs 2 --threads 1 -q -o new.nudge
done
fails_each 120 inspect xor.journal
fails_each 120 plot curves run.jsonl --text
no_parts
finish
