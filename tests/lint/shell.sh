#!/bin/bash
# Every shell script of the project through shellcheck.  Prints TAP.
cd "${srcdir:-$(dirname "$0")/../..}" || exit 99
command -v shellcheck >/dev/null || { echo "1..0 # SKIP no shellcheck on this machine"; exit 0; }
count=0
failed=0
while IFS= read -r file; do
    count=$((count + 1))
    # 1091: files read at run time; 2154, 2030, 2031, 2164: bats sets and scopes variables and stops at errors.
    if found=$(shellcheck -x -S warning -e SC1091,SC2154,SC2030,SC2031,SC2164 "$file" 2>&1); then
        echo "ok $count - $file"
    else
        echo "not ok $count - $file"
        sed 's/^/# /' <<<"$found"
        failed=1
    fi
done < <({ printf '%s\n' bootstrap; [ ! -f .ci/run ] || echo .ci/run; [ ! -f bench/run ] || echo bench/run
           find tests bench man -name '*.sh' -o -name '*.bash' -o -name '*.bats'; } | sort -u)
count=$((count + 1))
if found=$(awk '/^setup_file\(\)/ { in_it = 1 } /^}/ { in_it = 0 } in_it && /(^|[^a-z_])skip / { print FILENAME ":" FNR ": " $0 }' \
               tests/*/*.bats | grep .); then
    echo "not ok $count - no skip in a setup_file (older bats fail there; see tests/lib/pg.bash)"
    sed 's/^/# /' <<<"$found"
    failed=1
else
    echo "ok $count - no skip in a setup_file"
fi
echo "1..$count"
exit $failed
