# Helpers for the tests of the command. A test sources this file, runs in an empty folder of its own ($NUDGE is the program,
# $NUDGE_SOURCE the source tree), goes on after a failure and ends with `finish`.
#
#   NUDGE_UPDATE_GOLDEN=1 writes the snapshots in tests/golden/ anew instead of comparing.
set -u
: "${NUDGE:?the program to test}" "${NUDGE_SOURCE:?the source tree}"
golden_folder=$NUDGE_SOURCE/tests/golden
failures=0
export LC_ALL=C
unset NO_COLOR COLORTERM ARGP_HELP_FMT

fail() {
    failures=$((failures + 1))
    echo "FAILED: $*"
}

finish() {
    [ "$failures" -eq 0 ] || { echo "$failures failed"; exit 1; }
    echo "all passed"
    exit 0
}

# run STATUS ARGUMENT...: runs the program; its output is in the files out and err, its exit status must be STATUS.
run() {
    local expected=$1
    shift
    "$NUDGE" "$@" >out 2>err </dev/null
    status=$?
    [ "$status" -eq "$expected" ] && return
    fail "nudge $*: exit status $status, expected $expected"
    head -n 5 err
}

# says TEXT / prints TEXT: the fixed text stands in err / out.
says() { grep -qF -- "$1" err || { fail "standard error lacks \"$1\":"; head -n 3 err; }; }
prints() { grep -qF -- "$1" out || { fail "standard output lacks \"$1\":"; head -n 5 out; }; }

# One sentence: a single line on standard error that begins as every error does, and nothing on standard output.
one_sentence() {
    [ "$(wc -l <err)" -eq 1 ] && grep -q '^nudge: .' err || { fail "not one sentence:"; cat err; }
    [ ! -s out ] || { fail "something on standard output:"; head -n 3 out; }
}

# refuses TEXT ARGUMENT...: exit status 2, one sentence that has TEXT in it.
refuses() {
    local text=$1
    shift
    run 2 "$@"
    says "$text"
    one_sentence
}

# golden NAME FILE: the file is as tests/golden/NAME has it.
golden() {
    if [ -n "${NUDGE_UPDATE_GOLDEN:-}" ]; then
        mkdir -p "$golden_folder" && cp "$2" "$golden_folder/$1"
    elif ! diff -u "$golden_folder/$1" "$2" >difference; then
        fail "$2 differs from tests/golden/$1:"
        head -n 30 difference
    fi
}

# Figures cut to 5 decimals and digests masked, for snapshots: that the last bits are right is what tests/bits is for.
rounded() { sed -E 's/([0-9]\.[0-9]{5})[0-9]+/\1/g; s/[0-9a-f]{64}/DIGEST/' "$@"; }

same() { cmp -s "$1" "$2" || fail "$1 and $2 differ"; }
differ() { ! cmp -s "$1" "$2" || fail "$1 and $2 are the same"; }

# field NAME FILE: the value of a field in JSON lines, from the last line that has it.
field() { sed -n "s/.*\"$1\":\(\"[^\"]*\"\|[^,}]*\).*/\1/p" "$2" | tail -n 1 | tr -d '"'; }

# bytes HEX...: writes bytes given as hexadecimal pairs.
bytes() {
    local hex
    for hex in "$@"; do printf "\\x$hex"; done
}

# big_endian NUMBER: 4 bytes.
big_endian() { printf "$(printf '\\x%02x\\x%02x\\x%02x\\x%02x' $(($1 >> 24 & 255)) $(($1 >> 16 & 255)) $(($1 >> 8 & 255)) $(($1 & 255)))"; }

# make_model FILE INPUTS NETWORK VALUE [LABEL...]: a model of these parts, all parameters VALUE (tests/helpers/make_model.c).
make_model() { "${NUDGE%/*}/tests/make-model" "$@" || fail "make-model $*"; }

# no_parts: nothing unfinished lies in this folder or below.
no_parts() {
    local parts
    parts=$(find . -name '*.part' -o -name '.nudge.*')
    [ -z "$parts" ] || { fail "left behind: $parts"; find . -name '*.part' -delete; }
}

# plain FILE: UTF-8 throughout, and no byte that a terminal obeys: C0 but for the newline, DEL, C1, marks of direction.
plain() {
    iconv -f UTF-8 -t UTF-8 "$1" >/dev/null 2>&1 || fail "$1 is not UTF-8: $(od -c "$1" | sed -n 1,5p)"
    ! LC_ALL=C grep -qP '[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]|\xd8\x9c' "$1" ||
        fail "$1 has control characters: $(LC_ALL=C grep -aP '[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2' "$1" | od -c | sed -n 1,5p)"
}

# real_data NAME: the folder of a real data set; without one the test is skipped.
real_data() {
    local folder=${NUDGE_DATA_DIR:-${NUDGE_TEST_DATA:-}}
    if [ -z "$folder" ] || [ ! -d "$folder/$1" ]; then
        echo "skipped: needs the folder $1 of \$NUDGE_TEST_DATA"
        exit 77
    fi
    echo "$folder/$1"
}
