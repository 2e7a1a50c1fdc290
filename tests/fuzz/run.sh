#!/bin/bash
# run.sh TARGET... - libFuzzer programs, each for FUZZ_SECONDS seconds.  A line of a corpus is one input; they
# start from these in fuzz/NAME, where new inputs are kept.
set -euo pipefail
corpus=$(cd "$(dirname "$0")" && pwd)/corpus
for target; do
    name=${target##*/fuzz_}
    mkdir -p "fuzz/$name"
    n=0
    while IFS= read -r line; do
        n=$((n + 1))
        # Only \xHH is an escape, as in driver.c.
        line=${line//%/%%}
        line=${line//\\/\\\\}
        # shellcheck disable=SC2059
        printf -- "${line//\\\\x/\\x}" >"fuzz/$name/line$n"
    done <"$corpus/$name"
    printf '%s: ' "$name"
    "$target" -max_total_time="$FUZZ_SECONDS" -max_len=4096 -rss_limit_mb=2048 -artifact_prefix="fuzz/$name-" \
        "fuzz/$name" >"fuzz/$name.log" 2>&1 || { tail -n 40 "fuzz/$name.log"; exit 1; }
    tail -n 1 "fuzz/$name.log"
done
