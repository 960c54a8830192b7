# Probes: is it there? Sourced by install-packages.sh; tests/front-door/probes.sh asks each both ways.
#
# A probe answers by its status alone and prints nothing. None of them is a pipe: under pipefail the status of a pipe whose
# reader leaves at the first match is that of the writer it killed (SIGPIPE, 141), by chance.
tools=$(dirname "${BASH_SOURCE[0]}")

has_command() { command -v "$1" >/dev/null 2>&1; }
has_library() { has_command pkg-config && pkg-config --exists "$1"; }

compiles() { # compiles COMPILER [OPTION...]: can it make a program?
    has_command "$1" && "$@" -x c - -o /dev/null >/dev/null 2>&1 <<<$'#include <stdlib.h>\nint main(void) { return EXIT_SUCCESS; }'
}
has_c_compiler() { compiles gcc || compiles clang; }

preprocesses() { # preprocesses SOURCE: is there a C compiler that accepts these lines?
    local compiler
    for compiler in gcc clang; do
        if has_command $compiler && $compiler -x c -E - >/dev/null 2>&1 <<<"$1"; then return 0; fi
    done
    return 1
}
has_header() { preprocesses "#include <$1>"; } # has_header NAME
# oneDNN, and of a version whose interface bench/peak knows.
has_onednn() { preprocesses $'#include <oneapi/dnnl/dnnl_version.h>\n#if DNNL_VERSION_MAJOR != 2\n#error\n#endif'; }

has_python() { { python3 -c "import $1" || /usr/bin/python3 -c "import $1"; } >/dev/null 2>&1; }
has_openblas() { compgen -G "/usr/lib/*/openblas-$1/libblas.so.3" >/dev/null; }
has_aarch64() { has_command aarch64-linux-gnu-gcc && has_command qemu-aarch64; }
has_wasm() { "$tools/can-build-wasm.sh"; }

has_cmake() { # 3.22 or newer
    local version
    has_command cmake && version=$(cmake --version 2>/dev/null) || return
    [[ $version =~ ([0-9]+)\.([0-9]+) ]] && ((BASH_REMATCH[1] > 3 || (BASH_REMATCH[1] == 3 && BASH_REMATCH[2] >= 22)))
}

# package_version NAME: prints the version that the package lists offer; fails where they offer none.
package_version() {
    local text
    text=$(apt-cache show --no-all-versions "$1" 2>/dev/null) || return
    awk '$1 == "Version:" {version = $2} $1 == "Filename:" {offered = 1}
         END {if (!offered || version == "") exit 1; print version}' <<<"$text"
}

# has_package NAME[=MAJOR]: do the package lists offer it (in this major version)?
has_package() {
    local version
    version=$(package_version "${1%%=*}") || return
    [[ $1 != *=* || ${version#*:} == "${1#*=}".* ]]
}

# clang_version: prints the version of Debian's clang, as in "14"; fails where the package lists have none.
clang_version() {
    local text
    text=$(apt-cache depends clang 2>/dev/null) || return
    [[ $text =~ Depends:\ clang-([0-9]+) ]] && echo "${BASH_REMATCH[1]}"
}
