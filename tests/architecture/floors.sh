#!/bin/sh
# floors.sh TREE: the rules of the house, checked file by file. Prints one line for each breach,
#     FILE:LINE: [rule] what stands there
# and exits 1 when there is one. The rules:
#   floors     a room of src/ includes its own headers and those of rooms on lower floors, named "room/header.h"; what
#              is not in a room is a public header or a system header
#   outside    cli/, draw/ and examples/ include of ours only the public headers (and cli/ and draw/ what lies beside; cli/ also draw/)
#   floors     so do the rooms of cli/: tell, options, open, plot, then the rooms of verbs; what lies in cli/ itself is the
#              frame, of which a room sees verbs.h and signals.h
#   public     nudge.h includes <stddef.h>, <stdint.h> and <stdbool.h>, nothing else; nudge_insight.h <nudge.h>
#   pure       engine/, data/, builtin/, table/, net/, learn/ and insight/ include no header of files or threads
#   silent     nothing in src/ prints, exits or aborts
#   sentences  snprintf and its kin stand in base/ alone
# Comments and the insides of strings do not count.
set -eu
cd "$1"

files=$(find src cli draw examples include -type f -name '*.[ch]' 2>/dev/null | LC_ALL=C sort)
[ -n "$files" ] || { echo "$1: no C files"; exit 1; }

# shellcheck disable=SC2086 # names in this tree have no blanks
LC_ALL=C awk '
BEGIN {
    # The floors, from the ground. Rooms on the same floor do not see each other.
    split("base=0 engine=1 data=1 builtin=2 table=2 net=2 learn=3 read=4 model=5 insight=6", pairs, " ")
    for (i in pairs) { split(pairs[i], pair, "="); floor_of[pair[1]] = pair[2] }
    split("tell=0 options=1 open=2 plot=3 data=4 explain=4 surface=4 verbs=4", pairs, " ")
    for (i in pairs) { split(pairs[i], pair, "="); cli_floor[pair[1]] = pair[2] }
    split("engine data builtin table net learn insight", names, " ")
    for (i in names) pure[names[i]] = 1
    split("stdio.h pthread.h threads.h unistd.h fcntl.h sys/stat.h sys/types.h sys/mman.h dirent.h", names, " ")
    for (i in names) impure_header[names[i]] = 1
    prints = "printf fprintf vprintf vfprintf dprintf vdprintf puts fputs putchar putc fputc perror psignal"
    ends = "exit _exit _Exit quick_exit abort raise"
    split(prints " " ends, names, " ")
    for (i in names) loud[names[i]] = 1
    split("sprintf vsprintf snprintf vsnprintf asprintf vasprintf", names, " ")
    for (i in names) sentence[names[i]] = 1
}

function breach(rule, what) {
    printf "%s:%d: [%s] %s\n", FILENAME, FNR, rule, what
    breaches++
}

# The line without comments and without what stands between quotes; in_comment goes on to the next line.
function code_of(line,   out, i, c, two, quote) {
    out = ""
    for (i = 1; i <= length(line); i++) {
        c = substr(line, i, 1)
        two = substr(line, i, 2)
        if (in_comment) {
            if (two == "*/") { in_comment = 0; i++ }
        } else if (quote != "") {
            if (c == "\\") i++
            else if (c == quote) { quote = ""; out = out c }
        } else if (two == "/*") { in_comment = 1; i++; out = out " " }
        else if (two == "//") break
        else {
            if (c == "\"" || c == "\047") quote = c
            out = out c
        }
    }
    return out
}

function check_room_include(header, angled,   target) {
    target = header
    if (!sub(/\/.*/, "", target)) target = ""
    if (header == "nudge.h" || header == "nudge_insight.h") return
    if (header ~ /(^|\/)\.\.?\//) breach("floors", "includes " header ": name it from src/")
    else if (target in floor_of) {
        if (target != room && floor_of[target] >= floor_of[room])
            breach("floors", room "/ includes " header ", which is not on a lower floor")
    } else if (!angled) breach("floors", "includes \"" header "\", which is in no room")
    if ((room in pure) && (header in impure_header)) breach("pure", room "/ includes <" header ">")
}

# What lies in src/ is out of reach, whichever way it is named. FOLDER/x.h beside the file, or x.h.
function check_outside_include(header, angled,   target) {
    target = header
    if (!sub(/\/.*/, "", target)) target = ""
    if (header == "nudge.h" || header == "nudge_insight.h") return
    if (header ~ /\.\.\// || target == "src" || (target in floor_of)) breach("outside", top "/ includes " header)
    else if (!angled && (top == "examples" || !(target == "" || target == top || (top == "cli" && target == "draw"))))
        breach("outside", top "/ includes \"" header "\"")
    if (cli_room != "" && target == "cli") check_cli_include(header)
}

function check_cli_include(header,   path) {
    if (header == "cli/verbs.h" || header == "cli/signals.h") return
    if (split(header, path, "/") != 3) breach("floors", "cli/" cli_room "/ includes " header)
    else if (path[2] != cli_room && cli_floor[path[2]] >= cli_floor[cli_room])
        breach("floors", "cli/" cli_room "/ includes " header ", which is not on a lower floor")
}

function check_include(text,   angled, header) {
    sub(/^[ \t]*#[ \t]*include(_next)?[ \t]*/, "", text)
    angled = text ~ /^</
    header = text
    if (!sub(/^[<"]/, "", header)) { breach("floors", "includes by a macro: " text); return }
    sub(/[>"].*/, "", header)
    if (FILENAME ~ /^include\//) {
        allowed = FILENAME ~ /insight/ ? "^nudge[.]h$" : "^(stddef|stdint|stdbool)[.]h$"
        if (!angled || header !~ allowed) breach("public", FILENAME " includes " header)
    } else if (top == "src") check_room_include(header, angled)
    else check_outside_include(header, angled)
}

# Every name that an opening parenthesis follows.
function check_calls(code,   name) {
    while (match(code, /[A-Za-z_][A-Za-z_0-9]*[ \t]*\(/)) {
        name = substr(code, RSTART, RLENGTH - 1)
        code = substr(code, RSTART + RLENGTH)
        sub(/[ \t]+$/, "", name)
        if (name in loud) breach("silent", "calls " name "()")
        if ((name in sentence) && room != "base") breach("sentences", room "/ calls " name "()")
    }
}

FNR == 1 {
    in_comment = 0
    split(FILENAME, path, "/")
    top = path[1]
    room = top == "src" ? path[2] : ""
    if (top == "src" && !(room in floor_of)) breach("floors", room " is on no floor")
    cli_room = top == "cli" && 3 in path ? path[2] : ""
    if (cli_room != "" && !(cli_room in cli_floor)) breach("floors", "cli/" cli_room " is on no floor")
}
{
    was_comment = in_comment
    code = code_of($0)
    if (!was_comment && code ~ /^[ \t]*#[ \t]*include/) check_include($0)
    else if (top == "src") {
        if (code ~ /(^|[^A-Za-z_0-9])(stdout|stderr)([^A-Za-z_0-9]|$)/) breach("silent", "uses stdout or stderr")
        # The format attribute of a declaration names printf without calling it.
        gsub(/__attribute__ *\(\( *format *\( *(printf|__printf__)/, "", code)
        check_calls(code)
    }
}
END { exit breaches > 0 }
' $files
