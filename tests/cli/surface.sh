#!/usr/bin/env bash
# nudge surface: the walks, the plane, the numbers and the picture.
. "${BASH_SOURCE%/*}/lib.bash"
xor=(xor --engine portable --hidden 4 --activation tanh --batch-size 1 --epochs 100 --lr 0.3)

run 0 surface "${xor[@]}" --side 11 --data xor.csv
sed -E 's/[0-9.e-]+ ms each/TIME each/; s/in [0-9.]+ s;/in TIME;/; s/off by [0-9.e+-]+ at/off by NUMBER at/;
    s/[0-9.,]+ times (sooner|later)/TIMES/' out >text
golden surface.txt text
[ "$(head -n 1 xor.csv)" = "what,step,x,y,cost" ] || fail "xor.csv begins with $(head -n 1 xor.csv)"
[ "$(grep -c '^surface,' xor.csv)" -eq 121 ] || fail "xor.csv has $(grep -c '^surface,' xor.csv) points"
# Both walkers begin at the same place.
[ "$(grep '^full,0,' xor.csv | cut -d, -f3-)" = "$(grep '^sgd,0,' xor.csv | cut -d, -f3-)" ] || fail "two starts"
# The numbers are the same to the byte, on any number of threads.
run 0 surface "${xor[@]}" --side 11 --data again.csv --threads 1
same xor.csv again.csv

# The chain with one weight and one bias: the plane is all there is, so the surface at the path is the path's cost.
run 0 surface chain --engine portable --net "1 sigmoid" --plane 1,0,0:1,0 --epochs 20 --lr 1 --side 5 --data chain.csv
prints "all that the network has, so the paths lie in it"
grep -q '^sgd,200,' chain.csv || fail "no end of the drunk's path: $(tail -n 1 chain.csv)"
# A network's end lies at its own weights.
run 0 train chain --engine portable --net "1 sigmoid" --epochs 20 --lr 1 --batch-size 10 -q -o end.nudge
run 0 explain end.nudge chain --weight 1,0,0
value=$(sed -n 's/^w(1)\[0\]\[0\] = \([0-9.-]*\),.*/\1/p' out)
awk -F, -v value="$value" '$1 == "sgd" { x = $3 } END { d = x - value; exit !(d < 1e-4 && d > -1e-4) }' chain.csv ||
    fail "the drunk ends at $(tail -n 1 chain.csv), the network has $value"

# NumPy's file: 25 numbers behind a header of 128 bytes or another multiple of 64.
run 0 surface chain --engine portable --net "1 sigmoid" --plane 1,0,0:1,0 --epochs 3 --side 5 --data chain.npy
[ "$(($(wc -c <chain.npy) % 64))" -eq $((25 * 8 % 64)) ] || fail "chain.npy has $(wc -c <chain.npy) bytes"
head -c 100 chain.npy | grep -aq "'descr': '<f8', 'fortran_order': False, 'shape': (5, 5), }" || fail "chain.npy's header"

# Other planes and walkers.
run 0 surface spiral:60/10 --plane random --walkers sgd,momentum,adam --epochs 4 --side 7
prints "random directions"
run 0 surface digits:200/10 --hidden 9,8 --activation sigmoid --epochs 3 --side 9 --rows 50 --plane 2,1,3:3,0
prints "over 50 rows"
prints "w(2)[1][3] and b(3)[0]"

# Rows that are no more than a mini-batch: a quarter of them, or it is said that all are taken.
run 0 surface xor --engine portable --hidden 3 --epochs 4 --side 5
prints "drunk     16 steps of 1 row (a mini-batch)"
prints "careful   4 steps of 4 rows (the full batch)"
run 0 surface xor --engine portable --hidden 3 --epochs 4 --side 5 --batch-size 10
says "--batch-size takes all 4 rows"
# Small networks have a fine surface, others not.
run 0 surface xor --engine portable --hidden 3 --epochs 2 --data fine.csv
[ "$(grep -c '^surface,' fine.csv)" -eq $((151 * 151)) ] || fail "xor has $(grep -c '^surface,' fine.csv) points"
# How much sooner: after as many steps as the numbers say.
run 0 surface chain --engine portable --net "1 sigmoid" --plane 1,0,0:1,0 --epochs 20 --lr 1 --side 5 --data chain.csv
steps=$(sed -n "s/^ *reached the careful one's final cost after \([0-9,]*\) steps.*/\1/p" out)
awk -F, -v said="$steps" '$1 == "full" { low = $5 } $1 == "sgd" && $2 > 0 && !found && $5 <= low { found = $2 }
    END { exit found != said }' chain.csv || fail "the drunk came as low after $steps steps? $(grep '^full' chain.csv | tail -n 1)"

refuses "expected some of full, sgd" surface xor --walkers full,fast
refuses "full stands there twice" surface xor --walkers full,full
refuses "expected full, sgd" surface xor --walkers ""
refuses "expected pca, random or two parameters" surface xor --plane diagonal --epochs 1
refuses "expected 0 to 1" surface xor --hidden 4 --plane 1,0,0:1,0,9 --epochs 1
refuses "twice, expected two parameters" surface xor --plane 1,0,0:1,0,0 --epochs 1
refuses "end in .csv or .npy" surface xor --data xor.txt
refuses "ends in .svg, .png or .pdf" surface xor -o xor.csv
refuses "--side: found \"1\"" surface xor --side 1

# The picture, where there are pictures.
"$NUDGE" surface "${xor[@]}" --side 21 -o xor.svg >out 2>err
if ! grep -q "built without pictures" err; then
    tail -n 1 xor.svg | grep -q '^</svg>$' || fail "xor.svg is not whole: $(cat err)"
fi
finish
