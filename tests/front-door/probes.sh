#!/usr/bin/env bash
# tools/probes.bash and tools/install-packages.sh: every probe answers both ways, and answers the same every time; what is missing is
# named, installed where that is allowed, and otherwise left out with what that costs. The tools that they ask (gcc, clang,
# pkg-config, cmake, apt-get, apt-cache) are stand-ins in a folder that is the whole $PATH.
set -u
failures=0
fail() { failures=$((failures + 1)); echo "FAILED: $*"; }
yes() { "$@" || fail "no: $*"; }
no() { ! "$@" || fail "yes: $*"; }

mkdir bin
for tool in bash sh env awk sed sort cat mktemp rm mkdir chmod wc id tr dirname; do ln -s "$(command -v $tool)" bin/ || fail "no $tool here"; done
# stand_in NAME: a program in bin, from standard input.
stand_in() {
    rm -f "bin/$1" # it may be a link to the system's own, which is not to be written to
    { printf '#!%s\n' "$(command -v bash)"; cat; } >"bin/$1"
    chmod +x "bin/$1"
}
real_path=$PATH
PATH=$PWD/bin
set -o pipefail
. "$NUDGE_SOURCE/tools/probes.bash"

# -- compilers and headers --

# A compiler of C programs that include nothing but what lies in the folder headers.
compiler() {
    stand_in "$1" <<'TOOL'
case " $* " in *" -fsanitize"*) [ -e sanitizers ] || exit 1 ;; esac
while IFS= read -r line; do
    [[ $line =~ ^#include\ \<(.*)\>$ ]] || continue
    [ "${BASH_REMATCH[1]}" = stdlib.h ] || [ -e "headers/${BASH_REMATCH[1]}" ] || exit 1
    [ ! -e "headers/${BASH_REMATCH[1]}.refused" ] || refused=1
done
[ -z "${refused:-}" ]
TOOL
}
no has_c_compiler
no has_header there.h
for name in gcc clang; do
    compiler $name
    yes has_command $name
    yes has_c_compiler
    yes compiles $name
    no compiles $name -fsanitize=address,undefined
    : >sanitizers
    yes compiles $name -fsanitize=address,undefined
    rm sanitizers
    mkdir -p headers
    no has_header there.h
    : >headers/there.h
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        yes has_header there.h
        no has_header away.h
    done
    no has_onednn
    mkdir -p headers/oneapi/dnnl
    : >headers/oneapi/dnnl/dnnl_version.h
    yes has_onednn
    : >headers/oneapi/dnnl/dnnl_version.h.refused # the version's #error
    no has_onednn
    rm -r headers bin/$name
done
hash -r
no has_command clang

# -- libraries, programs --

no has_library cairo
stand_in pkg-config <<'TOOL'
[ "$1" = --exists ] && [ -e "libraries/$2" ]
TOOL
no has_library cairo
mkdir libraries
: >libraries/cairo
yes has_library cairo
no has_library pango

no has_cmake
for version in 3.22.1 3.25.1 3.31.6 4.0.0 10.1; do
    stand_in cmake <<<"echo 'cmake version $version'; for i in {1..9999}; do echo 'CMake suite maintained'; done"
    yes has_cmake
done
for version in 3.21.9 3.9.0 2.30.0; do
    stand_in cmake <<<"echo 'cmake version $version'"
    no has_cmake
done
no has_python nothing
stand_in python3 <<<'[ "$2" = "import torch" ]'
yes has_python torch
no has_python nudge_has_no_such_module
no has_openblas nothing-of-this-name
no has_wasm

# -- packages: however much apt-cache has to say --

no package_version gcc
stand_in apt-cache <<'TOOL'
case "$1 ${!#}" in
"show gcc") printf 'Package: gcc\nVersion: 4:12.2.0-3\nFilename: pool/gcc.deb\n'; printf 'Description: %s\n' {1..50000} ;;
"show libdnnl-dev") printf 'Package: libdnnl-dev\nVersion: 3.7.2-1\nFilename: pool/libdnnl.deb\n' ;;
"show installed-only") printf 'Package: installed-only\nStatus: install ok installed\nVersion: 1.0\n' ;;
"depends clang") printf 'clang\n  Depends: clang-19\n  Depends: x\n'; printf '  Suggests: %s\n' {1..50000} ;;
*) echo "N: Unable to locate package" >&2; exit 100 ;;
esac
TOOL
for _ in 1 2 3 4 5 6 7 8 9 10; do
    yes has_package gcc
    no has_package nosuch
    [ "$(package_version gcc)" = 4:12.2.0-3 ] || fail "the version of gcc: $(package_version gcc)"
    [ "$(clang_version)" = 19 ] || fail "the version of clang: $(clang_version)"
done
yes has_package gcc=12
no has_package gcc=1
no has_package installed-only
yes has_package libdnnl-dev=3
no has_package libdnnl-dev=2

# -- the whole --

rm -rf headers libraries bin/cmake bin/python3
compiler gcc
mkdir headers
rows() { # rows STATUS: runs it
    bash "$NUDGE_SOURCE/tools/install-packages.sh" demo >said 2>&1
    local status=$?
    [ $status -eq "$1" ] || { fail "install-packages.sh: status $status, expected $1"; cat said; }
}
told() { [[ $(cat said) == *"$1"* ]] || { fail "not said: $1"; cat said; }; }
stand_in apt-get <<'TOOL'
echo "apt-get $*" >>asked
case "$*" in *install*) ;; *) exit 0 ;; esac
for package in "$@"; do
    [ ! -e "broken-$package" ] || exit 100
    case $package in
    cmake) printf '#!%s\necho cmake version 3.25.1\n' "$BASH" >bin/cmake; chmod +x bin/cmake ;;
    ninja-build) printf '#!%s\n' "$BASH" >bin/ninja; chmod +x bin/ninja ;;
    libpng-dev | libjpeg-dev) mkdir -p libraries; : >"libraries/${package%-dev}" ;;
    libsqlite3-dev) mkdir -p libraries; : >libraries/sqlite3 ;;
    zlib1g-dev | libjansson-dev | nettle-dev | libcairo2-dev)
        mkdir -p libraries
        name=${package#lib}; name=${name%-dev}; name=${name%1g}; : >"libraries/${name/cairo2/cairo}" ;;
    esac
done
TOOL
stand_in apt-cache <<'TOOL'
[ "$1" = show ] || exit 0
case ${!#} in
libsqlite3-dev) exit 100 ;; # this system's lists do not have it
*) printf 'Version: 1.0\nFilename: x\n' ;;
esac
TOOL
stand_in id <<<'echo 0'

NO_INSTALL=1 rows 1
told "CMake, 3.22 or newer"
told "Nothing is installed, because NO_INSTALL is set"
[ ! -e asked ] || fail "NO_INSTALL asks apt-get"

: >broken-libcairo2-dev # what is only wanted must not keep out what is needed
rows 0
told "Installing: cmake libjansson-dev nettle-dev ninja-build zlib1g-dev"
told "Left out:"
told "pictures: SVG, PDF and PNG (Debian: libcairo2-dev): without it, nudge draws none"
told "SQLite tables as data (Debian: libsqlite3-dev): without it, they are refused"
[[ $(cat asked) != *libsqlite3* ]] || fail "what the lists do not have is asked for"

rm broken-libcairo2-dev asked
rows 0
told "Installing: libcairo2-dev"
left=$(cat said)
[[ ${left#*Left out:} != *pictures* ]] || fail "installed, and still left out"

rm asked
rows 0 # the lists have nothing for what is still left out: they are not asked again, but it is said
[ ! -e asked ] || fail "apt-get is asked each time"
told "SQLite tables as data"
: >libraries/sqlite3
rows 0
[ ! -s said ] || { fail "something is said where nothing is missing"; cat said; }

PATH=$real_path
[ "$failures" -eq 0 ] || { echo "$failures failed"; exit 1; }
