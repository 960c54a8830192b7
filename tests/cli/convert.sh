#!/usr/bin/env bash
# nudge data convert: any data set as CSV, as an archive of NumPy's arrays, as a folder of IDX files; and back again.
. "${BASH_SOURCE%/*}/lib.bash"

# From one format to the next, and back: the same rows.
run 0 data convert digits:300/50 set --seed 5
prints "set: 300 training, 50 test rows written"
run 0 data make digits:300/50 -o made --seed 5
diff -r set made >/dev/null || fail "data make writes other files"
run 0 data convert ./set digits.csv
prints "digits.csv: 300 training, 50 test rows written"
case $(head -n 1 digits.csv) in label,pixel0,*,pixel783,split) ;; *) fail "the header: $(head -n 1 digits.csv | cut -c 1-80)" ;; esac
run 0 data convert digits.csv digits.npz --split-column split
run 0 data convert digits.npz again.csv
differ digits.csv again.csv # the columns of a table are no pixels any more
tail -n +2 digits.csv >a
tail -n +2 again.csv >b
same a b
run 0 data convert digits.csv copy.csv --split-column split
same digits.csv copy.csv

# What is learnt from the table is what is learnt from the images.
run 0 train ./set --hidden 8 --epochs 2 --json -q
cp out images
run 0 train digits.csv --split-column split --hidden 8 --epochs 2 --json -q
[ "$(field digest out)" = "$(field digest images)" ] || fail "the table gives other parameters"
run 0 train digits.csv --split-column split --hidden 8 --epochs 2 -q -o digits.nudge
run 0 eval digits.nudge digits.csv --split-column split

# One part alone.
run 0 data convert digits.csv test.csv --split-column split --part test
prints "test.csv: 50 test rows written"
[ "$(wc -l <test.csv)" -eq 51 ] || fail "$(wc -l <test.csv) lines"
case $(head -n 1 test.csv) in *split*) fail "a part alone says which it is" ;; esac
refuses "has no validation part" data convert digits.csv none.csv --split-column split --part val -q
refuses "--part is for .csv" data convert xor none.npz --part train
[ ! -e none.csv ] && [ ! -e none.npz ] || fail "something is written"

# A table with texts and gaps.
printf 'name,age,sex,sick\nAnn,31,f,no\n"B, ob",44,,yes\nCid,,f,no\n' >people.csv
run 0 data convert people.csv people-again.csv --id name -q
printf 'label,name,age,sex\nno,Ann,31,f\nyes,"B, ob",44,missing\nno,Cid,,f\n' >expected
same people-again.csv expected
refuses "nothing in the column \"age\"" data convert people.csv people.npz -q --id name
run 0 data convert people.csv people.npz -q --id name --missing drop

# Files of other formats.
printf '2 2 2\n0 1\n0 1\n1 0\n1 0\n' >some.train
run 0 data convert some.train some.csv
printf 'label,column1,column2\n1,0,1\n0,1,0\n' >expected
same some.csv expected
printf '0.5 1:1 3:2\n1.5 2:1\n' >some.svm
run 0 data convert some.svm some.csv
printf 'column1,column2,column3,label\n1,0,2,0.5\n0,1,0,1.5\n' >expected
same some.csv expected
if command -v sqlite3 >/dev/null && ldd "$NUDGE" | grep -c sqlite3 >/dev/null; then
    sqlite3 some.db "create table t(a, b, y); insert into t values(1, 2, 0.5), (3, 4, 1.5)"
    run 0 data convert some.db some.csv
    printf 'a,b,y\n1,2,0.5\n3,4,1.5\n' >expected
    same some.csv expected
    run 0 data convert some.db some.csv --sql "SELECT b, y FROM t WHERE a > 0 ORDER BY a DESC"
    printf 'b,y\n4,1.5\n2,0.5\n' >expected
    same some.csv expected
    refuses "the query would write" data convert some.db some.csv --sql "DELETE FROM t"
    same some.csv expected
fi

# Nothing that is read is overwritten, and what TO is must be clear.
refuses "is read by this command" data convert digits.csv digits.csv --split-column split -q
refuses "is read by this command" data convert ./set set
refuses "TO is missing" data convert xor
refuses "expected the name of a folder" data convert xor some.xyz
refuses "expected the name of a folder or a file" data convert xor ''
touch taken
refuses "is no folder" data convert xor taken
finish
