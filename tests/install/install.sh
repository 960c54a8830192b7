#!/usr/bin/env bash
# install.sh BUILD VERSION CC: installs a build into an empty folder, moves it, and uses it as others would.
# Seen here: the files; what the shared library exports; a program on the shared and on the static library through
# pkg-config and through CMake; C++ and strict C11 accept the header.
set -euo pipefail
build=$1 version=$2 cc=$3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
unset DESTDIR

fail() { echo "install: $*" >&2; exit 1; }
expect() { # expect WHAT FOUND EXPECTED
    [ "$2" = "$3" ] || fail "$1: found '$2', expected '$3'"
}

cmake --install "$build" --prefix "$PWD/first" >install.log || { cat install.log; fail "cmake --install failed"; }
# Whatever points to the folder where it was installed would break here.
mv first moved
prefix=$PWD/moved
lib=$(dirname "$(find "$prefix" -name libnudge.a)")

for file in bin/nudge include/nudge.h include/nudge_insight.h; do
    [ -f "$prefix/$file" ] || fail "$file is missing"
done
[ -n "$(find "$prefix/share" -name LICENSE)" ] || fail "the licence is missing"
if [ -f "$NUDGE_SOURCE/docs/nudge.1" ]; then
    [ -f "$prefix/share/man/man1/nudge.1" ] || fail "share/man/man1/nudge.1 is missing"
fi

# The shared library: versioned, and nothing visible but the public interface, whole.
expect "the SONAME" "$(objdump -p "$lib/libnudge.so" | awk '$1 == "SONAME" {print $2}')" "libnudge.so.${version%%.*}"
expect "libnudge.so" "$(readlink -f "$lib/libnudge.so")" "$lib/libnudge.so.$version"
nm -D --defined-only "$lib/libnudge.so" | awk '{print $NF}' | sort >exported
# Declarations in the headers: NUDGE_API and, before the parenthesis, the name; some go over two lines.
cat "$prefix/include/nudge.h" "$prefix/include/nudge_insight.h" | tr '\n' ' ' | grep -o 'NUDGE_API [^;(]*(' | sed 's/.*[ *]\([a-z0-9_]*\)($/\1/' |
    grep "^nudge_" | sort >declared
if ! diff declared exported >difference; then
    cat difference
    fail "the headers (<) and the symbols of libnudge.so (>) differ"
fi

# run WHAT COMMAND...: the program says the version and passes its own checks.
run() {
    local what=$1
    shift
    expect "$what" "$(LD_LIBRARY_PATH=$lib "$@")" "$version"
}

export PKG_CONFIG_PATH=$lib/pkgconfig
expect "pkg-config's version" "$(pkg-config --modversion nudge)" "$version"
# shellcheck disable=SC2046 # flags are words
"$cc" -std=c11 -pedantic -Wall -Wextra -Werror "$here/use.c" $(pkg-config --cflags --libs nudge) -o use-shared
run "pkg-config, shared" ./use-shared
[[ $(readelf -d use-shared) == *libnudge.so.* ]] || fail "use-shared does not use libnudge.so"
# shellcheck disable=SC2046
"$cc" "$here/use.c" $(pkg-config --static --cflags --libs nudge | sed 's/-lnudge/-l:libnudge.a/') -o use-static
run "pkg-config, static" ./use-static
[[ $(readelf -d use-static) != *libnudge* ]] || fail "use-static uses libnudge.so"

cmake -G Ninja -S "$here" -B cmake-build -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_C_COMPILER="$cc" \
    -DNUDGE_EXPECTED="${version%.*}" >cmake.log 2>&1 && cmake --build cmake-build >>cmake.log 2>&1 ||
    { cat cmake.log; fail "find_package(nudge) does not work"; }
run "CMake, shared" cmake-build/use_shared
run "CMake, static" cmake-build/use_static

if command -v c++ >/dev/null; then
    printf '#include <nudge_insight.h>\nint main() { return nudge_version()[0] == 0; }\n' >use.cpp
    # shellcheck disable=SC2046
    c++ -Wall -Wextra -Werror use.cpp $(pkg-config --cflags --libs nudge) -o use-cpp || fail "C++ does not take the headers"
fi

# The program in README.md is the one at the top of nudge.h, and does what they say.
sed -n '/^```c$/,/^```$/p' "$NUDGE_SOURCE/README.md" | sed '/^```/d' >readme.c
sed -n '/^ \*     #include <nudge.h>$/,/^ \*     }$/p' "$prefix/include/nudge.h" | sed 's/^ \*\( \{5\}\)\{0,1\}//' >header.c
diff readme.c header.c >difference || { cat difference; fail "the programs in README.md (<) and nudge.h (>) differ"; }
# shellcheck disable=SC2046
"$cc" -std=c11 -pedantic -Wall -Wextra -Werror readme.c $(pkg-config --cflags --libs nudge) -o readme
LD_LIBRARY_PATH=$lib ./readme >readme.out || fail "the program in README.md fails"
grep -Eq '^[89][0-9]\.[0-9] % of the test digits are read$' readme.out || fail "README.md's program says: $(cat readme.out)"
