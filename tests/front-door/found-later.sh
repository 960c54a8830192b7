#!/usr/bin/env bash
# A library that is installed after the first configuration is found by the next one, and one that is gone is not taken for there:
# no answer is kept in CMake's cache. The libraries of pkg-config are stand-ins.
set -euo pipefail
mkdir pc

package() { printf 'Name: %s\nDescription: x\nVersion: 9\nLibs: -L%s\n' "$1" "$PWD/lib" >"pc/$1.pc"; }
for name in jansson nettle; do package $name; done
export PKG_CONFIG_LIBDIR=$PWD/pc PKG_CONFIG_PATH=

# configured TEXT: the next configuration says so.
configured() {
    cmake -G Ninja -S "$NUDGE_SOURCE" -B build -DCMAKE_BUILD_TYPE=Release >log 2>&1 || { cat log; exit 1; }
    [[ $(cat log) == *"$1"* ]] || { cat log; echo "FAILED: the configuration does not say \"$1\""; exit 1; }
}
configured "Pictures: none"
configured "Pictures: none"
configured "The tests are left out"
configured "Data: JPEG files are not read"
configured "Data: SQLite files are not read"
for name in cairo cairo-svg cairo-pdf cairo-png cmocka libpng libjpeg sqlite3; do package $name; done
cmake -G Ninja -S "$NUDGE_SOURCE" -B build >log 2>&1 || { cat log; exit 1; }
[[ $(cat log) != *"Pictures: none"* && $(cat log) != *"The tests are left out"* && $(cat log) != *"files are not read"* ]] || { cat log; echo "FAILED: pkg-config's libraries are not found later"; exit 1; }
