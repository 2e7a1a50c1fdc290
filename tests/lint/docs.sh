#!/bin/bash
# Each program has a manual page and completions that name every option of it.  Prints TAP.
source "$(dirname "$0")/tap.bash"
src=$(cd "$(dirname "$0")/../.." && pwd)
build=${TP_BUILD:-$src/build}
for path in "$build"/tp "$build"/tp-*; do
    [ -f "$path" ] && [ -x "$path" ] || continue
    p=${path##*/}
    dump=$("$path" --dump-options)
    for file in man/$p.1 completions/bash/$p completions/zsh/_$p completions/fish/$p.fish; do
        verdict "$file names every option" "$(
            [ -f "$build/generated/$file" ] || echo "there is no generated/$file"
            sed 's/\\f[BRI]//g; s/\\//g' "$build/generated/$file" >"${TMPDIR:-/tmp}/docs.$$"
            awk -F'\t' '$1 == "option" && $4 != "dump-options" { print $4 }' <<<"$dump" | sort -u \
                | while IFS= read -r o; do grep -qE -e "(--|-l )$o([^a-z-]|\$)" "${TMPDIR:-/tmp}/docs.$$" || echo "--$o"; done
            rm -f "${TMPDIR:-/tmp}/docs.$$")"
    done
    verdict "completions/bash/$p is a sound script" "$(bash -n "$build/generated/completions/bash/$p" 2>&1)"
    [ ! -x "$(command -v mandoc)" ] || verdict "man/$p.1 is well formed" "$(mandoc -T lint -W warning "$build/generated/man/$p.1" 2>&1)"
done
for page in "$src"/man/*.7 "$build"/generated/man/*.5; do
    [ ! -x "$(command -v mandoc)" ] || verdict "man/${page##*/} is well formed" "$(mandoc -T lint -W warning "$page" 2>&1)"
done
finish
