#!/bin/sh
# in-scratch.sh FOLDER COMMAND [ARGUMENT...]: runs one test in FOLDER, which is made anew, empty. CTest runs every test through it. What a test finds in its environment:
#   NUDGE           the program
#   NUDGE_SOURCE    the source tree
#   NUDGE_SCRATCH   FOLDER, which is also the working directory
#   NUDGE_DATA_DIR  a folder with real data sets (mnist/, fann/, ...), or empty where there is none: $NUDGE_TEST_DATA,
#                   else shared/data beside the source tree
# NUDGE_DATA is unset and the user's cache folder is an empty one, so that no test depends on what a user has there.
set -eu

NUDGE_SCRATCH=$1
shift
rm -rf "$NUDGE_SCRATCH"
mkdir -p "$NUDGE_SCRATCH"
cd "$NUDGE_SCRATCH"

NUDGE_DATA_DIR=${NUDGE_TEST_DATA:-$NUDGE_SOURCE/../shared/data}
[ -d "$NUDGE_DATA_DIR" ] || NUDGE_DATA_DIR=
XDG_CACHE_HOME=$NUDGE_SCRATCH/.cache
export NUDGE_SCRATCH NUDGE_DATA_DIR XDG_CACHE_HOME
unset NUDGE_DATA

exec "$@"
