#!/usr/bin/env bash
# train --from: a training that goes on from a model, a journal, or a safetensors file of another program.
. "${BASH_SOURCE%/*}/lib.bash"

# close A B: two costs that are the same but for what rounding does.
close() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a - b < 1e-4 && b - a < 1e-4) }' || fail "cost $1, expected $2"; }

first_cost() { sed -n 's/^{"event":"epoch","epoch":1,"train_cost":\([^,]*\),.*/\1/p' out; }

# tells TEXT: the line "from", joined again where it was wrapped, has the text in it.
tells() { tr '\n' ' ' <out | tr -s ' ' | grep -qF -- "$1" || { fail "standard output lacks \"$1\":"; head -n 7 out; }; }

# -- the same network: it begins where the model ended --
small=(digits:600/100 --epochs 1)
run 0 train digits:600/100 --hidden 20 --epochs 5 -q -o model.nudge
run 0 eval model.nudge digits:600/100 --part train --json
cost=$(field cost out)
run 0 train "${small[@]}" --from model.nudge --lr 1e-7 --json -o same.nudge
close "$(first_cost)" "$cost"
grep -q '"from":{"model":"model.nudge","digest":"[0-9a-f]*","layers":\[{"layer":1,"kept":true,"why":null},{"layer":2,"kept":true,"why":null}\]}' out ||
    fail "no from in the start event: $(head -n 1 out)"
run 0 train "${small[@]}" --from model.nudge
prints "from      model.nudge: both layers kept; inputs scaled as there"
run 0 inspect model.nudge --json
digest=$(field digest out)
run 0 inspect same.nudge --json
grep -q "\"from\":\"model.nudge $digest\"" out || fail "no note of the model and its digest: $(cat out)"
! grep -q '"init":' out || fail "a note of weights that were not drawn"
# Its cost is the model's, unless another is asked for.
run 0 train "${small[@]}" --cost quadratic --output softmax -q -o squares.nudge
run 0 train "${small[@]}" --from squares.nudge
prints "cost      quadratic"
run 0 train "${small[@]}" --from squares.nudge --cost cross-entropy
prints "cost      cross-entropy"
# A journal, at its end and at a step.
run 0 train "${small[@]}" --from model.nudge --journal run.journal -q
run 0 train "${small[@]}" --from run.journal@30
prints "from      run.journal@30: both layers kept"
run 0 train "${small[@]}" --from run.journal
prints "from      run.journal: both layers kept"

# -- other networks: what fits is kept, and told --
run 0 train "${small[@]}" --from model.nudge --hidden 20,15
tells "layer 1 kept, layer 2 drawn anew (10 outputs there, 15 here),"
tells "layer 3 drawn anew (not there)"
prints "network   784 -> 20 relu, 15 relu, 10 softmax"
run 0 train "${small[@]}" --from model.nudge --hidden 20,15,14,13
tells "(10 outputs there, 15 here), layers 3 to 5 drawn anew (not there)"
run 0 train "${small[@]}" --from model.nudge --dropout 0.2 --activation tanh
tells "layer 1 was relu there, and is tanh here"
prints "network   784 -> 20 tanh, dropout 0.2, 10 softmax"
run 0 train "${small[@]}" --from model.nudge --batch-norm --json
[ "$(field why out)" = null ] && grep -q '{"layer":1,"kept":false,"why":"batch-norm here alone"}' out || fail "reasons: $(head -n 1 out)"
# Other inputs: layer 1 is drawn, and scaling is fitted.
run 0 train moons:200 --net "9 relu, 8 relu, 2 softmax" --epochs 1 -q -o moons.nudge
run 0 train chain --net "9 relu, 8 relu, 1" --from moons.nudge --epochs 1
tells "layer 1 drawn anew (2 inputs there, 1 here), layer 2 kept, layer 3 drawn anew (classes there)"
refuses 'nothing of the network "784 -> 20 relu, 10 softmax" fits "2 -> 20 relu, 2 softmax"' train moons --from model.nudge
[ ! -s out ] || fail "a plan of what is refused"
refuses "none: cannot be opened: no such file" train "${small[@]}" --from none
refuses "model.nudge: is read by this command, so it cannot be written" train "${small[@]}" --from model.nudge -o model.nudge
refuses "--init is for layers that are drawn: all layers of model.nudge are kept" train "${small[@]}" --from model.nudge --init zeros
run 0 train "${small[@]}" --from model.nudge --hidden 20,15 --init he-uniform -q
refuses "--scale: layer 1 of model.nudge is kept" train "${small[@]}" --from model.nudge --scale standard
refuses "--map is for safetensors files of other programs: model.nudge is of nudge" train "${small[@]}" --from model.nudge --map a
refuses "--map is for --from FILE" train "${small[@]}" --map a

# Digits 0 to 4 of others, as a table: what was learnt of strokes serves five classes, too.
run 0 data convert digits:300/100 all.csv
awk -F, 'NR == 1 || $1 < 5' all.csv >few.csv
options=(few.csv --split-column split --epochs 1 --lr 0.01 --optimizer sgd)
run 0 train "${options[@]}" --hidden 20 --json -q
cost=$(first_cost)
run 0 train "${options[@]}" --from model.nudge --json
prints '"layers":[{"layer":1,"kept":true,"why":null},{"layer":2,"kept":false,"why":"10 outputs there, 5 here"}]'
awk -v a="$(first_cost)" -v b="$cost" 'BEGIN { exit !(a < 0.8 * b) }' || fail "begins with $(first_cost), and from random weights with $cost"
says "from      model.nudge: layer 1 kept, layer 2 drawn anew (10 outputs there, 5"

# -- tables: columns, categories and scaling are the model's --
# table SEED HEADER CLASSES: rows of a number, a colour, a number and what they sum up to.
table() {
    awk -v seed="$1" -v header="$2" -v classes="$3" 'BEGIN {
        n = split(classes, class, " "); split("red green blue", colour, " "); srand(seed); print header
        for (i = 0; i < 120; i++) {
            a = int(rand() * 1000); k = 1 + int(rand() * 3); b = int(rand() * 30)
            s = class[1 + int((a / 1000 + k / 3 + b / 30) / 3.0001 * n)]
            line = header; gsub(/colour/, colour[k], line); sub(/size/, a, line); sub(/weight/, b, line); sub(/kind|other/, s, line)
            print line
        }
    }'
}
table 1 "size,colour,weight,kind" "low mid high" >first.csv
table 2 "kind,weight,colour,size" "low mid high" >turned.csv
table 3 "size,colour,weight,kind" "big small" >two.csv
table 4 "size,colour,weight,other" "1.5 2.5 7.25 8.5" >numbers.csv
run 0 train first.csv --epochs 40 -q -o first.nudge
run 0 eval first.nudge turned.csv --part train --json
cost=$(field cost out)
run 0 train turned.csv --test-split 0 --from first.nudge --lr 1e-7 --epochs 1 --json -o again.nudge
close "$(first_cost)" "$cost"
grep -q '"inputs":5,"network":"128 relu, 3 softmax"' out || fail "another network: $(head -n 1 out)"
for file in first again; do
    run 0 inspect $file.nudge --json
    sed 's/.*"input_transforms":\(.*\),"target_transforms".*/\1/' out >$file.transforms
done
same first.transforms again.transforms
# The same table: what the model was tested on is not learnt from now, whatever the seed, and not by who goes on from that.
run 0 eval first.nudge first.csv --json
cost=$(field cost out)
run 0 train first.csv --from first.nudge --seed 9 --lr 1e-7 --epochs 1 -q -o second.nudge
run 0 eval second.nudge first.csv --json
close "$(field cost out)" "$cost"
run 0 train first.csv --from second.nudge --seed 10 --lr 1e-7 --epochs 1 -q -o third.nudge
run 0 eval third.nudge first.csv --json
close "$(field cost out)" "$cost"
# Other classes, and numbers: the last layer is drawn.
run 0 train two.csv --from first.nudge --epochs 1 -q -o two.nudge --test-split 0
run 0 train two.csv --from first.nudge --epochs 1
tells "layer 1 kept, layer 2 drawn anew (3 outputs there, 2 here)"
prints "target: kind: 2 classes"
run 0 predict two.nudge two.csv
grep -qE '^0,(big|small),' out || fail "classes of the new table: $(head -n 2 out)"
sed 's/low/LOW/' first.csv >other.csv
run 0 train other.csv --from first.nudge --epochs 1
tells "layer 2 drawn anew (other classes)"
run 0 train numbers.csv --from first.nudge --epochs 1 -q -o numbers.nudge
run 0 train numbers.csv --from first.nudge --epochs 1 --regression
tells "layer 2 drawn anew (classes there)"
prints "target standard"
run 0 train first.csv --target kind --from numbers.nudge --epochs 1
tells "layer 1 kept, layer 2 drawn anew (numbers there); inputs scaled as there"
# Numbers of another name are other numbers.
sed 's/other/speed/' numbers.csv >speed.csv
run 0 train numbers.csv --from numbers.nudge --epochs 1
tells "both layers kept"
run 0 train speed.csv --from numbers.nudge --epochs 1 --regression
tells "layer 1 kept, layer 2 drawn anew (other targets); inputs scaled as there"
prints "target: speed"
# The same classes in another order: outputs go by name. A model without columns takes a table's by their places.
make_model turned.nudge 2 "3 tanh, 2 softmax" 0.1 q p
{ echo a,b,y; for i in $(seq 30); do echo "$i,$((i % 7)),p"; echo "$i,$((i % 5)),q"; done; } >pq.csv
run 0 train pq.csv --from turned.nudge --epochs 1 -o pq.nudge
tells "layer 1 kept, layer 2 kept, its classes in their new order"
run 0 inspect pq.nudge
prints "classes   p, q"
# Columns that are not there, or are said again.
sed 's/colour/shade/' two.csv >shade.csv
refuses 'no column "colour", which is a feature that is needed; the columns are size, shade, weight, kind' \
    train shade.csv --from first.nudge
refuses '"weight" is to be the target, but is a feature of the network' train first.csv --target weight --from first.nudge
refuses "--ignore: the columns are those that first.nudge knows" train first.csv --ignore size --from first.nudge
# A category and a gap that the model has not met.
{ cat two.csv; echo "5,pink,3,big"; echo ",red,3,small"; } >gaps.csv
run 0 train gaps.csv --from first.nudge --epochs 1
prints "colour: 1 value that no training row has"
prints "size: 1 of 122 values is missing"

no_parts

# -- checkpoints: what the model gave is in them, and the model may be gone --
cp first.nudge gone.nudge
options=(two.csv --from gone.nudge --hidden 128,9 --dropout 0.1 --lr 0.01 --seed 3)
run 0 train "${options[@]}" --epochs 8 -q -o whole.nudge
run 0 train "${options[@]}" --epochs 3 -q -o grown.nudge --checkpoint-every 1h
rm gone.nudge
run 0 train --resume grown.nudge --epochs 8
prints "from      gone.nudge: what it gave is in the checkpoint"
same whole.nudge grown.nudge
refuses "--from: found model.nudge, expected what the training began with, gone.nudge " train --resume grown.nudge --from model.nudge -q
run 0 train moons:200 --hidden 4 --epochs 1 -q -o plain.nudge --checkpoint-every 1h
refuses "--from: the training that --resume goes on with did not begin with a model" train --resume plain.nudge --from model.nudge -q
# Killed in the middle; going on from a model without anything drawn.
options=(digits:600/100 --engine portable --from model.nudge --epochs 20 --lr 0.01)
run 0 train "${options[@]}" -q -o whole.nudge
"$NUDGE" train "${options[@]}" --checkpoint-every 20 -o killed.nudge >out 2>err &
pid=$!
until [ -e killed.nudge.checkpoint-1 ] || ! kill -0 "$pid" 2>/dev/null; do :; done
kill -9 "$pid" 2>/dev/null
wait "$pid" 2>/dev/null
run 0 train --resume killed.nudge
same whole.nudge killed.nudge

# -- safetensors of other programs --
# foreign FILE JSON NUMBER...: the numbers as f32, given in hexadecimal.
foreign() {
    local file=$1 json=$2 number
    shift 2
    {
        printf "$(printf '\\x%02x\\x%02x' $((${#json} & 255)) $((${#json} >> 8)))\0\0\0\0\0\0%s" "$json"
        for number; do bytes ${number:6:2} ${number:4:2} ${number:2:2} ${number:0:2}; done
    } >"$file"
}
tensor() { printf '"%s":{"dtype":"F32","shape":[%s],"data_offsets":[%s]}' "$1" "$2" "$3"; }
one=3f800000 minus=bf800000 half=3f000000 zero=00000000
# a = relu(x1 - x2), relu(x2 - x1); outputs a1 + ½, a2: of the row (3, 1) 2.5 and 0, of (1, 3) 0.5 and 2.
foreign net.safetensors "{\"__metadata__\":{\"format\":\"pt\"},$(tensor 0.bias 2 0,8),$(tensor 0.weight 2,2 8,24),$(tensor 2.bias 2 24,32),$(tensor 2.weight 2,2 32,48)}" \
    $zero $zero $one $minus $minus $one $half $zero $one $zero $zero $one
{ echo p,q,r,s; for i in $(seq 20); do echo "3,1,2.5,0"; echo "1,3,0.5,2"; done; } >exact.csv
run 0 train exact.csv --target r,s --from net.safetensors --lr 1e-7 --epochs 1 --test-split 0 --json -o exact.nudge
close "$(first_cost)" 0
run 0 train exact.csv --target r,s --from net.safetensors --lr 1e-7 --epochs 1 --test-split 0
prints "from      net.safetensors: both layers kept; hidden layers are taken to be relu"
tells "the output is taken to be identity"
tells "inputs are taken to be as they are"
prints "scaling   inputs as they are"
run 0 train exact.csv --target r,s --from net.safetensors --activation tanh --output identity --scale standard --epochs 1 --test-split 0
prints "network   2 -> 2 tanh, 2 identity"
prints "scaling   inputs standard"
run 0 train moons --from net.safetensors --epochs 1
prints "from      net.safetensors: both layers kept"
prints "network   2 -> 2 relu, 2 softmax"
# One output tells two classes apart; an output that the data do not have is drawn.
foreign one.safetensors "{$(tensor 0.weight 1,2 0,8)}" $one $minus
run 0 train moons --from one.safetensors --epochs 1
says "one.safetensors: 1 of 1 layers have no biases: they begin with 0"
prints "network   2 -> 1 sigmoid"
for i in $(seq 30); do echo "$i,$((i % 7)),k$((i % 3))"; done >three.csv
run 0 train three.csv --from net.safetensors --epochs 1
tells "layer 1 kept, layer 2 drawn anew (2 outputs there, 3 here)"
# Names that are no sequence.
foreign named.safetensors "{$(tensor fc1.weight 2,2 0,16),$(tensor k.weight 1,1,2,2 0,16),$(tensor out.weight 2,2 0,16)}" $one $minus $minus $one
refuses "named.safetensors: tensor fc1.weight: expected the weights and biases of linear layers with numbers in one sequence, as 0.weight and 0.bias; else a map says which tensors are layers (--map NAME,...); those with weights are called fc1, k, out" \
    train moons --from named.safetensors
run 0 train moons --from named.safetensors --map fc1,out --epochs 1 -o named.nudge
says "1 of 3 tensors are not in the map, and left out"
prints "both layers kept"
refuses "there is no tensor fc2.weight; those with weights are called fc1, k, out" train moons --from named.safetensors --map fc1,fc2
refuses "tensor k.weight: found the shape [1,1,2,2], expected that of a linear layer's weights" train moons --from named.safetensors --map k,out
foreign cut.safetensors "{$(tensor 0.weight 2,2 0,16)}" $one $minus $minus
refuses "cut.safetensors: tensor 0.weight: ends at byte 16 of the tensors, but the file has 12: it is cut short" train moons --from cut.safetensors
foreign nan.safetensors "{$(tensor 0.weight 1,2 0,8)}" 7fc00000 $one
refuses "nan.safetensors: layer 1: weight [0][0] is nan, expected a finite number" train moons --from nan.safetensors
# It goes on after a kill without the file, as a model does.
options=(moons --from net.safetensors --lr 0.01 --seed 3)
run 0 train "${options[@]}" --epochs 6 -q -o whole.nudge
run 0 train "${options[@]}" --epochs 2 -q -o grown.nudge --checkpoint-every 1h
mv net.safetensors kept.safetensors
run 0 train --resume grown.nudge --epochs 6 -q
same whole.nudge grown.nudge
mv kept.safetensors net.safetensors

# Other verbs say where such a file goes, and what torch.save writes is told from it.
for verb in "inspect net.safetensors" "eval net.safetensors moons" "predict net.safetensors exact.csv"; do
    refuses "net.safetensors: is a safetensors file, but no model of nudge: nudge train DATA --from FILE goes on from one of another program" $verb
done
{ printf 'PK\3\4\0\0\10\10'; head -c 18 /dev/zero; printf '\20\0\0\0archive/data.pkl'; } >net.pth
printf '\200\2\212\12l\374\234\106\371 j\250P\31.' >old.pt
for file in net.pth old.pt; do
    for verb in "train moons --from $file" "inspect $file"; do
        refuses "$file: is a file of PyTorch's torch.save, expected safetensors, which Python makes of it: import torch, safetensors.torch as s; s.save_file(torch.load(\"$file\", map_location=\"cpu\", weights_only=True), \"${file%.*}.safetensors\")" $verb
    done
done
finish
