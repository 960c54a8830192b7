#!/bin/sh
# The check of the rules of the house, checked: a small tree that keeps every rule must pass, and each breach planted in
# it must be found, as the rule that it breaks, in the file where it stands.
set -eu
floors=$(dirname "$0")/floors.sh
failures=0

make_tree() {
    rm -rf tree
    mkdir -p tree/include tree/cli tree/draw tree/examples
    for room in base engine data builtin table net learn read model insight; do
        mkdir -p tree/src/$room
        printf '#include "%s/x.h"\n#include <nudge.h>\n#include <string.h>\n' $room >tree/src/$room/x.c
        printf '/* "base/x.h" */\n#include "base/x.h"\n' >tree/src/$room/x.h
    done
    printf '#include <stddef.h>\n#include <stdint.h>\n#include <stdbool.h>\n' >tree/include/nudge.h
    printf '#include <nudge.h>\n#include "cli/x.h"\n#include "draw/x.h"\nint main(void) { printf("x"); exit(0); }\n' \
        >tree/cli/main.c
    printf '#include <nudge.h>\n#include <stdio.h>\n' >tree/cli/x.h
    for room in tell options open plot data explain surface verbs; do
        mkdir -p tree/cli/$room
        printf '#include <nudge.h>\n#include "cli/%s/x.h"\n#include "cli/signals.h"\n' $room >tree/cli/$room/x.c
    done
    printf '#include "cli/plot/x.h"\n' >>tree/cli/verbs/x.c
    printf '#include <nudge.h>\n' >tree/draw/x.h
    printf '#include <nudge.h>\n#include <stdio.h>\nint main(void) { puts("x"); }\n' >tree/examples/0.c
    # What looks like a breach and is none.
    cat >>tree/src/base/x.c <<'C'
#include <stdio.h>
#include <unistd.h>
/* printf("x"); exit(1); abort(); */ // fprintf(stderr, "x")
__attribute__((format(printf, 1, 2))) int sentence_make(const char *format, ...);
int x = vsnprintf(0, 0, "printf(\"%s\") /* exit(1)"), y = on_exit_code(1), my_printf(2);
C
    cat >>tree/src/net/x.c <<'C'
/* A comment over lines:
#include "insight/x.h"
   abort(); */
const char *text = "abort() exit() snprintf(";
C
}

# planted RULE FILE LINE: appends LINE to FILE of the clean tree; RULE must be reported there.
planted() {
    make_tree
    printf '%s\n' "$3" >>"tree/$2"
    if sh "$floors" tree >found; then
        echo "not found: $3 in $2"
        failures=$((failures + 1))
    elif ! grep -q "^$2:[0-9]*: \[$1\]" found; then
        echo "found as something else: $3 in $2:"
        cat found
        failures=$((failures + 1))
    fi
}

make_tree
sh "$floors" tree >found || { echo "the clean tree does not pass:"; cat found; failures=1; }

planted floors src/base/x.h '#include "engine/x.h"'
planted floors src/net/x.c '#include "learn/x.h"'
planted floors src/net/x.c '#  include <learn/x.h>'
planted floors src/model/x.c '#include "insight/x.h"'
planted floors src/engine/x.c '#include "data/x.h"'
planted floors src/data/x.c '#include "engine/x.h"'
planted floors src/net/x.c '#include "../learn/x.h"'
planted floors src/net/x.c '#include "y.h"'
planted floors src/net/x.c '#include "cli/x.h"'
mkdir -p tree/src/attic && printf 'int x;\n' >tree/src/attic/x.c
sh "$floors" tree | grep -q 'attic is on no floor' || { echo "not found: a room on no floor"; failures=$((failures + 1)); }

planted floors cli/tell/x.c '#include "cli/options/x.h"'
planted floors cli/plot/x.c '#include "cli/explain/x.h"'
planted floors cli/explain/x.c '#include "cli/verbs/x.h"'
planted floors cli/open/x.c '#include "cli/main.h"'
mkdir -p tree/cli/attic && printf 'int x;\n' >tree/cli/attic/x.c
sh "$floors" tree | grep -q 'cli/attic is on no floor' || { echo "not found: a room of cli/ on no floor"; failures=$((failures + 1)); }

planted outside cli/main.c '#include "base/status.h"'
planted outside cli/main.c '#include <base/status.h>'
planted outside cli/main.c '#include "../src/base/status.h"'
planted outside cli/main.c '#include "src/base/status.h"'
planted outside draw/x.h '#include "base/status.h"'
planted outside draw/x.h '#include "cli/x.h"'
planted outside examples/0.c '#include "net/net.h"'
planted outside examples/0.c '#include "draw/x.h"'
planted outside examples/0.c '#include "x.h"'

planted public include/nudge.h '#include <stdio.h>'
planted public include/nudge.h '#include "base/status.h"'

for room in engine data net learn insight; do
    planted pure src/$room/x.c '#include <stdio.h>'
done
planted pure src/data/x.c '#include <pthread.h>'
planted pure src/net/x.c '#include <unistd.h>'
planted pure src/learn/x.h '#include <fcntl.h>'

for call in 'printf("x");' 'fprintf (file, "x");' 'puts("x");' 'perror("x");' 'exit(1);' 'abort();'; do
    planted silent src/base/x.c "$call"
    planted silent src/model/x.c "/* why */ if (x) $call"
done
planted silent src/read/x.c 'write_to(stderr);'

planted sentences src/net/x.c 'snprintf(text, 3, "x");'
planted sentences src/model/x.c 'n = vsnprintf(text, 3, "x", list);'

[ "$failures" -eq 0 ]
