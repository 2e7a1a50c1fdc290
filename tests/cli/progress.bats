#!/usr/bin/env bats
# The progress line: on a terminal only, and gone at the end.
bats_require_minimum_version 1.5.0

setup() {
    PATH=${TP_BUILD:-$PWD}:$BATS_TEST_DIRNAME/../../build:$PATH
    command -v script >/dev/null || skip "script(1) is not there to make a terminal"
    cd "$BATS_TEST_TMPDIR" || return
    # Candles that come slowly enough for a line to be drawn.
    cat >slow <<'SH'
tp-prices generate -s DEMO -i 1m -n 9000 -o json
sleep 0.5
tp-prices generate -s DEMO -i 1m --from 2024-01-20 -n 9000 -o json
SH
}

@test "long work draws one line on a terminal and takes it away" {
    script -qec "bash slow | tp-backtest run -S builtin:sma-cross - -o json >result" typescript </dev/null
    [ -s result ]
    grep -qF 'running: ' typescript
    [[ $(cat -v typescript) == *' a second^M^[[K'* ]]
    [[ $(cat -v typescript) != *' a second' ]]
}

@test "without a terminal, or with -q, there is none" {
    bash slow | tp-backtest run -S builtin:sma-cross - -o json 2>notes >result
    run ! grep running notes
    script -qec "bash slow | tp-backtest run -q -S builtin:sma-cross - -o json >result" typescript </dev/null
    run ! grep running typescript
}
