#!/bin/sh
# The check of the examples, checked: a small tree that keeps every rule must pass, and each breach planted in it must be
# found.
set -eu
check=$(dirname "$0")/examples.sh
failures=0

make_tree() {
    rm -rf tree
    mkdir -p tree/include tree/examples
    cat >tree/include/nudge.h <<'C'
#define NUDGE_API __attribute__((visibility("default")))
/* NUDGE_API int nudge_in_a_comment(void); */
NUDGE_API const char *nudge_a(int);
NUDGE_API nudge_status
nudge_b(int (*call)(int));
typedef bool nudge_callback(void *user);
C
    printf 'NUDGE_API void nudge_in_another_header (void);\n' >tree/include/nudge_more.h
    printf 'int main(void) {\n    nudge_a(1); /* " */\n    return nudge_b(0); // "\n}\n' >tree/examples/0_a.c
    printf 'int main(void) { nudge_in_another_header(); }\n' >tree/examples/1_b.c
    printf -- '- [0_a.c](0_a.c): a\n- [1_b.c](1_b.c): b\n' >tree/examples/README.md
}

# planted TEXT: it must be among what is found in the tree as it is now.
planted() {
    if sh "$check" tree >found 2>&1; then
        echo "not found: $1"
        failures=$((failures + 1))
    elif ! grep -qF "$1" found; then
        echo "found as something else: $1:"
        cat found
        failures=$((failures + 1))
    fi
    make_tree
}

make_tree
sh "$check" tree >found 2>&1 || { echo "the clean tree does not pass:"; cat found; failures=1; }

echo 'NUDGE_API int nudge_c(void);' >>tree/include/nudge.h; planted '[shown] nudge_c is'
echo 'NUDGE_API int nudge_c(void);' >tree/include/new.h; planted '[shown] nudge_c is'
printf 'NUDGE_API nudge_status\nnudge_c(int x,\n int y);\n' >>tree/include/nudge.h; planted '[shown] nudge_c is'
echo 'int main(void) { /* nudge_a(1); */ nudge_b(0); }' >tree/examples/0_a.c; planted '[shown] nudge_a is'
echo 'int main(void) { puts("nudge_a(1)"); nudge_b(0); }' >tree/examples/0_a.c; planted '[shown] nudge_a is'
echo 'int main(void) { nudge_ab(1); my_nudge_a(1); nudge_b(0); }' >tree/examples/0_a.c; planted '[shown] nudge_a is'
rm tree/examples/1_b.c; planted '[shown] nudge_in_another_header is'
: >tree/include/nudge.h; : >tree/include/nudge_more.h; planted 'there is no public function'
: >tree/examples/2_c.c; planted 'examples/2_c.c: [listed]'
echo '- [3_d.c](3_d.c): d' >>tree/examples/README.md; planted '[listed] there is no 3_d.c'
[ "$failures" -eq 0 ]
