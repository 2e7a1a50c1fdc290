# shellcheck shell=bash
# For the lint tests: one rule is one line of TAP.
count=0
failed=0

# One test: its title, and the lines that break the rule (none is good).
verdict() {
    count=$((count + 1))
    if [ -z "$2" ]; then
        echo "ok $count - $1"
    else
        echo "not ok $count - $1"
        sed 's/^/# /' <<<"$2"
        failed=1
    fi
}

# The plan, and the exit status.
finish() {
    echo "1..$count"
    exit $failed
}
