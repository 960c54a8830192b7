#!/usr/bin/env bash
# install-packages.sh demo|lesson|test|bench: makes sure that everything is there which building nudge (demo), running the lesson
# again (lesson), testing (test) or comparing it with its peers (bench) needs.
#
# Says nothing and changes nothing where nothing is missing. On Debian, Ubuntu and their kin it installs what is missing,
# after naming it; elsewhere, or with NO_INSTALL=1, it names what is missing and stops. What only some tests, an engine or
# a peer need may be missing: they are then left out.
set -euo pipefail
tools=$(dirname "${BASH_SOURCE[0]}")

set_name=${1:-}
case $set_name in
    demo | lesson | test | bench) ;;
    *) echo "usage: tools/install-packages.sh demo|lesson|test|bench" >&2; exit 2 ;;
esac

has_command() { command -v "$1" >/dev/null 2>&1; }
has_library() { has_command pkg-config && pkg-config --exists "$1"; }

compiles() { # compiles COMPILER [OPTION...]: can it make a program?
    has_command "$1" && printf '#include <stdlib.h>\nint main(void) { return EXIT_SUCCESS; }\n' |
        "$@" -x c - -o /dev/null >/dev/null 2>&1
}
has_header() { # has_header NAME: can a C program include it?
    printf '#include <%s>\n' "$1" | { gcc -x c -E - || clang -x c -E -; } >/dev/null 2>&1
}
has_c_compiler() { compiles gcc || compiles clang; }
has_python() { { python3 -c "import $1" || /usr/bin/python3 -c "import $1"; } >/dev/null 2>&1; }
has_openblas() { compgen -G "/usr/lib/*/openblas-$1/libblas.so.3" >/dev/null; }
has_cmake() {
    local version
    has_command cmake || return
    version=$(cmake --version | sed -n 's/^cmake version \([0-9.]*\).*/\1/p')
    [ "$(printf '3.22\n%s\n' "$version" | sort -V | head -n 1)" = 3.22 ]
}

# The rows: kind | test | Debian packages | what it is for. Of packages joined by "/" the first that exists is taken; VER
# stands for the version of Debian's clang.
rows=(
    "needed|has_c_compiler|gcc libc6-dev|a C11 compiler"
    "needed|has_cmake|cmake|CMake, 3.22 or newer, configures the build"
    "needed|has_command ninja|ninja-build|Ninja runs the build"
    "needed|has_command pkg-config|pkg-config/pkgconf|finds the libraries"
    "needed|has_library zlib|zlib1g-dev|reads .gz data files"
    "needed|has_library jansson|libjansson-dev|JSON in model files"
    "needed|has_library nettle|nettle-dev|SHA-256 digests"
    "wanted|has_library cairo|libcairo2-dev|pictures: SVG, PDF and PNG"
    "wanted|has_header oneapi/dnnl/dnnl.h|libdnnl-dev|the oneDNN engine, faster on large networks"
)
if [ "$set_name" = test ]; then
    rows+=(
        "needed|compiles gcc -fsanitize=address,undefined|gcc libc6-dev|gcc with its sanitizers"
        "needed|compiles clang|clang|the second compiler"
        "needed|has_library cmocka|libcmocka-dev|unit tests"
        "needed|has_command nm|binutils|looks at the library's symbols"
        "wanted|$tools/can-build-wasm.sh|lld wasi-libc libclang-rt-dev-wasm32/libclang-rt-VER-dev-wasm32|the core as WebAssembly"
    )
fi

case $set_name in
    lesson) rows+=("needed|has_command python3|python3|runs the commands of the lesson") ;;
    test) rows+=("wanted|has_command python3|python3|checks that the lesson still says what commands print") ;;
esac

if [ "$set_name" = bench ]; then
    rows+=(
        "needed|has_command python3|python3|runs the benchmark"
        "wanted|has_python torch|python3-torch|PyTorch"
        "wanted|has_python sklearn|python3-sklearn|scikit-learn"
        "wanted|has_header floatfann.h|libfann-dev|FANN"
        "wanted|has_openblas openmp|libopenblas0-openmp|the peers' BLAS, on OpenMP's threads"
        "wanted|has_openblas pthread|libopenblas0-pthread|the peers' BLAS, on its own threads"
    )
fi

# Fills the arrays `missing` (rows) by asking each row's test.
find_missing() {
    local row kind check rest
    missing=()
    for row in "${rows[@]}"; do
        IFS='|' read -r kind check rest <<<"$row"
        if ! $check; then missing+=("$kind|$check|$rest"); fi
    done
}

# "for what: packages", one a line, of the missing rows of a kind.
describe() {
    local row kind check packages purpose
    for row in "${missing[@]}"; do
        IFS='|' read -r kind check packages purpose <<<"$row"
        if [ "$kind" = "$1" ]; then echo "  $purpose (Debian: ${packages//VER/NN})"; fi
    done
}

stop_if_needed_missing() {
    local list
    list=$(describe wanted)
    if [ -n "$list" ]; then printf 'Missing; what needs it is left out:\n%s\n' "$list" >&2; fi
    list=$(describe needed)
    [ -n "$list" ] || exit 0
    printf 'Missing:\n%s\n%s\n' "$list" "$1" >&2
    exit 1
}

find_missing
[ ${#missing[@]} -gt 0 ] || exit 0
[ -z "${NO_INSTALL:-}" ] || stop_if_needed_missing "Nothing is installed, because NO_INSTALL is set. Install it, then try again."
has_command apt-get || stop_if_needed_missing "This system has no apt-get: install these by its own means, then try again."

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    has_command sudo || stop_if_needed_missing "Installing needs root, and there is no sudo: install these as root, then try again."
    as_root=(sudo)
fi
apt_get() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q "$@" >/dev/null || echo "apt-get $1 failed" >&2; }
has_package() { apt-cache show "$1" 2>/dev/null | grep -q '^Filename:'; }

# Fills `packages` with what the missing rows need and the package lists know.
choose_packages() {
    local row kind check wishes purpose wish package chosen version
    version=$(apt-cache depends clang 2>/dev/null | sed -n 's/.*Depends: clang-\([0-9]*\)$/\1/p' | head -n 1)
    packages=()
    for row in "${missing[@]}"; do
        IFS='|' read -r kind check wishes purpose <<<"$row"
        chosen=()
        for wish in ${wishes//VER/${version:-14}}; do
            for package in ${wish//\// }; do
                if has_package "$package"; then chosen+=("$package"); break; fi
            done
        done
        # Half of what is only wanted would serve nothing.
        if [ "$kind" = needed ] || [ ${#chosen[@]} -eq "$(wc -w <<<"$wishes")" ]; then packages+=("${chosen[@]}"); fi
    done
}

# A system that does not have what is only wanted must not be asked for it again each time.
choose_packages
if [ ${#packages[@]} -eq 0 ] && has_package gcc; then stop_if_needed_missing "The package lists do not have them."; fi

echo "Missing:"
describe needed
describe wanted
echo "Asking the package lists: apt-get update"
apt_get update
choose_packages
if [ ${#packages[@]} -gt 0 ]; then
    mapfile -t packages < <(printf '%s\n' "${packages[@]}" | sort -u)
    echo "Installing: ${packages[*]}"
    apt_get install -y --no-install-recommends "${packages[@]}"
fi
find_missing
[ ${#missing[@]} -eq 0 ] || stop_if_needed_missing "They are still missing after the installation."
