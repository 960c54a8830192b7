#!/usr/bin/env bash
# install-packages.sh demo|lesson|test|bench: makes sure that everything is there which building nudge (demo), running the lesson
# again (lesson), testing (test) or comparing it with its peers (bench) needs.
#
# Says nothing and changes nothing where nothing is missing. On Debian, Ubuntu and their kin it installs what is missing,
# after naming it; elsewhere, or with NO_INSTALL=1, it names what is missing. What only some tests or a peer need
# may be missing: it says what is left out and what that costs, and goes on. Status 1: something needed is missing.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/probes.bash"

set_name=${1:-}
case $set_name in
    demo | lesson | test | bench) ;;
    *) echo "usage: tools/install-packages.sh demo|lesson|test|bench" >&2; exit 2 ;;
esac

# The rows: kind | test | Debian packages | what it is for | what is lost without it. Of packages joined by "/" the first that
# exists is taken; NAME=2 wants version 2 of it; VER stands for the version of Debian's clang.
rows=(
    "needed|has_c_compiler|gcc libc6-dev|a C11 compiler"
    "needed|has_cmake|cmake|CMake, 3.22 or newer, configures the build"
    "needed|has_command ninja|ninja-build|Ninja runs the build"
    "needed|has_command pkg-config|pkg-config/pkgconf|finds the libraries"
    "needed|has_library zlib|zlib1g-dev|reads .gz data files"
    "needed|has_library jansson|libjansson-dev|JSON in model files"
    "needed|has_library nettle|nettle-dev|SHA-256 digests"
    "wanted|has_library cairo|libcairo2-dev|pictures: SVG, PDF and PNG|nudge draws none: plot, surface and explain -o refuse"
    "wanted|has_library libpng|libpng-dev|PNG files as data|they are refused"
    "wanted|has_library libjpeg|libjpeg-dev|JPEG files as data|they are refused"
    "wanted|has_library sqlite3|libsqlite3-dev|SQLite tables as data|they are refused"
)
case $set_name in
    lesson) rows+=("needed|has_command python3|python3|runs the commands of the lesson") ;;
    test)
        rows+=(
            "needed|compiles gcc -fsanitize=address,undefined|gcc libc6-dev|gcc with its sanitizers"
            "needed|compiles clang|clang|the second compiler"
            "needed|has_library cmocka|libcmocka-dev|unit tests"
            "needed|has_command nm|binutils|looks at the library's symbols"
            "wanted|has_command python3|python3|the lesson's and the benchmark's tests|they are skipped"
            "wanted|has_aarch64|gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user|the same bits on AArch64, emulated|they are not compared"
            "wanted|has_wasm|lld llvm wasi-libc libclang-rt-dev-wasm32/libclang-rt-VER-dev-wasm32|the core as WebAssembly|it is not built"
        )
        ;;
    bench)
        rows+=(
            "needed|has_command python3|python3|runs the benchmark"
            "wanted|has_onednn|libdnnl-dev=2|oneDNN 2, bare|its products are not measured"
            "wanted|has_python torch|python3-torch|PyTorch|this peer is not measured"
            "wanted|has_python sklearn|python3-sklearn|scikit-learn|this peer is not measured"
            "wanted|has_python pandas|python3-pandas|pandas, for bench/own_data.py|the defaults for tables are not measured"
            "wanted|has_header floatfann.h|libfann-dev|FANN|this peer is not measured"
            "wanted|has_openblas openmp|libopenblas0-openmp|the peers' BLAS, on OpenMP's threads|peers may be slower than they could be"
            "wanted|has_openblas pthread|libopenblas0-pthread|the peers' BLAS, on its own threads|peers may be slower than they could be"
        )
        ;;
esac

# Fills the array `missing` (rows) by asking each row's test.
find_missing() {
    local row kind check rest
    missing=()
    for row in "${rows[@]}"; do
        IFS='|' read -r kind check rest <<<"$row"
        if ! $check; then missing+=("$row"); fi
    done
}

# describe KIND: the missing rows of a kind, one a line: what for, packages, what is lost.
describe() {
    local row kind check packages purpose cost
    for row in "${missing[@]}"; do
        IFS='|' read -r kind check packages purpose cost <<<"$row"
        packages=${packages//VER/NN}
        if [ "$kind" = "$1" ]; then echo "  $purpose (Debian: ${packages//=/ })${cost:+: without it, $cost}"; fi
    done
}

# end WHY: says what stays missing, and ends: well when it is only wanted.
end() {
    local list
    list=$(describe wanted)
    if [ -n "$list" ]; then printf 'Left out:\n%s\n' "$list" >&2; fi
    list=$(describe needed)
    [ -n "$list" ] || exit 0
    printf 'Missing:\n%s\n%s\n' "$list" "$1" >&2
    exit 1
}

# choose_packages KIND: fills `packages` with what the missing rows of a kind need and the package lists offer.
choose_packages() {
    local row kind check wishes purpose cost wish package chosen version
    version=$(clang_version) || version=NN
    packages=()
    for row in "${missing[@]}"; do
        IFS='|' read -r kind check wishes purpose cost <<<"$row"
        [ "$kind" = "$1" ] || continue
        chosen=()
        for wish in ${wishes//VER/$version}; do
            for package in ${wish//\// }; do
                if has_package "$package"; then chosen+=("${package%%=*}"); break; fi
            done
        done
        # Half of what is only wanted would serve nothing.
        if [ "$kind" = needed ] || [ ${#chosen[@]} -eq "$(wc -w <<<"$wishes")" ]; then packages+=("${chosen[@]}"); fi
    done
}

as_root=()
apt_get() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q "$@" >/dev/null || echo "apt-get $1 failed" >&2; }

# install KIND: in one call for each kind, so that what is only wanted cannot keep what is needed from being installed.
install() {
    choose_packages "$1"
    [ ${#packages[@]} -gt 0 ] || return 0
    mapfile -t packages < <(printf '%s\n' "${packages[@]}" | sort -u)
    echo "Installing: ${packages[*]}"
    apt_get install -y --no-install-recommends "${packages[@]}"
}

find_missing
[ ${#missing[@]} -gt 0 ] || exit 0
[ -z "${NO_INSTALL:-}" ] || end "Nothing is installed, because NO_INSTALL is set. Install it, then try again."
has_command apt-get || end "This system has no apt-get: install these by its own means, then try again."

# A system that does not have what is only wanted must not be asked for it again each time.
choose_packages needed
needed_packages=${#packages[@]}
choose_packages wanted
if [ $((needed_packages + ${#packages[@]})) -eq 0 ] && has_package gcc; then end "The package lists do not have them."; fi

if [ "$(id -u)" -ne 0 ]; then
    has_command sudo || end "Installing needs root, and there is no sudo: install these as root, then try again."
    as_root=(sudo)
fi

echo "Missing:"
describe needed
describe wanted
echo "Asking the package lists: apt-get update"
apt_get update
install needed
install wanted
find_missing
[ ${#missing[@]} -eq 0 ] || end "They are still missing after the installation."
