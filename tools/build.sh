#!/usr/bin/env bash
# build.sh [CMAKE OPTION...]: installs what is missing and builds the library and the program: build/release/nudge.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tools/install-packages.sh demo
cmake --preset release "$@"
cmake --build --preset release --target nudge nudge_shared nudge_static
