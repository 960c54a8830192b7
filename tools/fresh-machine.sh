#!/usr/bin/env bash
# fresh-machine.sh bookworm|trixie [demo|test]: the README's two commands, or one of them, on a minimal Debian 12 or 13.
# fresh-machine.sh --clean: removes what earlier runs kept.
#
# debootstrap makes the minimal system once, in build/fresh-machines/SUITE/base (or under $FRESH_MACHINES); every run has a
# new copy of it, with a copy of the checkout in it and nothing else: tracked files and untracked ones that git does not
# ignore. Packages that were downloaded are kept for the next run. Real data sets beside the checkout (tests/in-scratch.sh)
# are not there: the tests that need them are skipped.
#
# Prints how long each command took, with its last lines; the whole log is build/fresh-machines/SUITE/COMMAND.log. Exits
# with the first command's status that is not 0. Needs root, for chroot and a mount namespace, and debootstrap.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
machines=${FRESH_MACHINES:-$PWD/build/fresh-machines}

usage() {
    echo "usage: tools/fresh-machine.sh bookworm|trixie [demo|test]" >&2
    echo "       tools/fresh-machine.sh --clean" >&2
    exit 2
}
cannot() { echo "fresh-machine: cannot run here: $*" >&2; exit 1; }

[ $# -ge 1 ] && [ $# -le 2 ] || usage
if [ "$1" = --clean ]; then
    [ $# -eq 1 ] || usage
    # What this script made, and never into something that is still mounted.
    rm -rf --one-file-system "$machines/bookworm" "$machines/trixie"
    [ ! -d "$machines" ] || rmdir --ignore-fail-on-non-empty "$machines"
    exit
fi
suite=$1
case $suite in bookworm | trixie) ;; *) usage ;; esac
case ${2:-both} in both) commands=(demo test) ;; demo | test) commands=("$2") ;; *) usage ;; esac

[ "$(id -u)" -eq 0 ] || cannot "it needs root (for chroot)"
for tool in debootstrap unshare git; do
    command -v $tool >/dev/null || cannot "$tool is missing (Debian: apt-get install debootstrap util-linux git)"
done
unshare --mount --pid --fork true 2>/dev/null || cannot "this system allows no mount namespaces, as in many containers"

base=$machines/$suite/base root=$machines/$suite/root cache=$machines/$suite/packages
mkdir -p "$machines/$suite" "$cache"
if [ ! -d "$base" ]; then
    echo "$suite: debootstrap"
    rm -rf --one-file-system "$base.new"
    debootstrap --variant=minbase "$suite" "$base.new" >"$machines/$suite/debootstrap.log" 2>&1 || {
        tail -n 5 "$machines/$suite/debootstrap.log" >&2
        cannot "debootstrap failed, see $machines/$suite/debootstrap.log"
    }
    rm -f "$base.new"/var/cache/apt/archives/*.deb
    mv "$base.new" "$base"
fi

# Runs in a namespace of its own, in which the mounts end with it: $1 the root, $2 the kept packages, $3 the command.
# A user's shell: none of this system's environment, no terminal, no standard input.
inside='
mount --rbind /dev "$1/dev" && mount -t proc proc "$1/proc" && mount --bind "$2" "$1/var/cache/apt/archives" &&
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb \
    chroot "$1" /bin/bash -c "cd /nudge && exec ./$3" </dev/null'

result=0
for command in "${commands[@]}"; do
    log=$machines/$suite/$command.log start=$SECONDS status=0
    rm -rf --one-file-system "$root"
    cp -a --reflink=auto "$base" "$root"
    mkdir "$root/nudge"
    git ls-files -z --cached --others --exclude-standard |
        while IFS= read -rd '' file; do if [ -e "$file" ]; then printf '%s\0' "$file"; fi; done |
        tar -c --null -T - | tar -x -C "$root/nudge"
    echo "$suite: ./$command"
    unshare --mount --pid --fork bash -c "$inside" fresh "$root" "$cache" "$command" >"$log" 2>&1 || status=$?
    tail -n 12 "$log" | sed 's/^/    /'
    echo "$suite: ./$command ended with status $status after $((SECONDS - start)) s; log: $log"
    [ "$result" -ne 0 ] || result=$status
done
rm -rf --one-file-system "$root"
exit "$result"
