#!/bin/bash
# make analyze: gcc -fanalyzer and clang-tidy over every source of src, shellcheck over every script.
# Prints what tests/lint/analyzer.allow does not name, and lines there that name nothing; nothing is good.
#   analyze.sh SOURCE BUILD    BUILD is a built tree; the analyzer's own tree is made in BUILD/analyze
set -euo pipefail
src=$(cd "$1" && pwd)
build=$(cd "$2" && pwd)
here=$build/analyze
mkdir -p "$here"
cd "$here"

gcc --version >/dev/null || { echo "analyze: gcc is needed" >&2; exit 1; }
[ -f config.status ] \
    || "$(realpath --relative-to=. "$src")/configure" -q --enable-analyzer CC=gcc CFLAGS='-g -O1' >configure.log 2>&1
find . -name '*.o' -delete
make -k -s -j"$(nproc)" all >/dev/null 2>gcc.log || { tail -n 20 gcc.log; exit 1; }

if command -v clang-tidy >/dev/null; then
    # shellcheck disable=SC2207
    flags=($(pkg-config --cflags libpq jansson libcrypto yaml-0.1 libarchive))
    (cd "$src" && find src -name '*.c' -print0 \
        | xargs -0 -P"$(nproc)" -n8 sh -c 'build=$1; shift; while [ "$1" != + ]; do flags="$flags $1"; shift; done; shift
            clang-tidy --quiet "$@" -- -std=c17 -include "$build/config.h" -Isrc "-I$build/src" "-I$build" -I. $flags 2>/dev/null' \
            tidy "$build" "${flags[@]}" +) >tidy.log || true
else
    echo "analyze: no clang-tidy on this machine, only gcc speaks" >&2
    : >tidy.log
fi

# FILE CHECK, and the whole line behind a tab.
sed -nE "s#^.*(src/[a-z0-9_/-]+\.[ch]):[0-9]+:[0-9]+: warning: .*\[([A-Za-z0-9.-]+)(,[A-Za-z0-9.,-]+)?\]\$#\1 \2\t&#p" \
    gcc.log tidy.log | sort -u >found
grep -v '^#' "$src/tests/lint/analyzer.allow" | awk '{ print $1 " " $2 }' | sort -u >allowed
cut -f 1 found | sort -u >names
status=0
comm -23 names allowed >new
if [ -s new ]; then
    awk -F'\t' 'NR == FNR { new[$1]; next } $1 in new { print $2 }' new found
    status=1
fi
[ -s tidy.log ] || grep ' -W' allowed >kept || true
[ -s tidy.log ] || mv kept allowed
comm -13 names allowed >stale
if [ -s stale ]; then
    sed 's/^/tests\/lint\/analyzer.allow: says nothing any more: /' stale
    status=1
fi
srcdir=$src bash "$src/tests/lint/shell.sh" | grep -E -A 20 '^not ok' && status=1
exit "$status"
