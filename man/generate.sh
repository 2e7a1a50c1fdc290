#!/bin/bash
# generate.sh BUILD TARGET VERSION - writes the manual page and the bash, zsh and fish completions of
# every program in BUILD below the folder TARGET, from the option tables that the programs print.
set -euo pipefail
src=$(cd "$(dirname "$0")/.." && pwd)
build=$1
target=$2
export LC_ALL=C
mkdir -p "$target/man" "$target/completions/bash" "$target/completions/zsh" "$target/completions/fish"
rm -f "$target"/man/* "$target"/completions/*/*
for path in "$build"/tp "$build"/tp-*; do
    [ -f "$path" ] && [ -x "$path" ] || continue
    p=${path##*/}
    "$path" --dump-options >"$target/man/$p.dump"
    prose=()
    [ ! -f "$src/man/$p.1.in" ] || prose=("$src/man/$p.1.in")
    "${AWK:-awk}" -v version="$3" -f "$src/man/generate.awk" "$target/man/$p.dump" "${prose[@]}" >"$target/man/$p.1"
    "${AWK:-awk}" -v shell=bash -f "$src/completions/generate.awk" "$target/man/$p.dump" >"$target/completions/bash/$p"
    "${AWK:-awk}" -v shell=zsh -f "$src/completions/generate.awk" "$target/man/$p.dump" >"$target/completions/zsh/_$p"
    "${AWK:-awk}" -v shell=fish -f "$src/completions/generate.awk" "$target/man/$p.dump" >"$target/completions/fish/$p.fish"
    rm "$target/man/$p.dump"
done
"$build/tp-db" records -o csv | "${AWK:-awk}" -v version="$3" -f "$src/man/records.awk" - "$src/man/tp-records.5.in" >"$target/man/tp-records.5"
