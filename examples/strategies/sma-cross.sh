#!/bin/sh
# Fast and slow average cross as a program of its own, in sh and awk.
#
#   tp-backtest run --strategy exec:./sma-cross.sh --param fast=10 --param slow=30 candles.csv

# mawk waits for a whole block of input unless it is told that somebody talks to it.
case $(awk -W version </dev/null 2>&1) in
mawk*) interactive='-W interactive' ;;
esac
# shellcheck disable=SC2086 # two words, or none
exec awk ${interactive-} '
# The text of a member: {"fast":"10"} has 10 under fast.
function text(key,    from) {
    if (!match($0, "\"" key "\":\"[^\"]*\""))
        return ""
    from = RSTART + length(key) + 4
    return substr($0, from, RSTART + RLENGTH - 1 - from)
}
function number(key) {
    match($0, "\"" key "\":[0-9]+")
    return substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 3)
}
# Mean of the n closes that end k bars ago.
function mean(n, k,    i, sum) {
    for (i = bars - k - n + 1; i <= bars - k; i++)
        sum += close_of[i]
    return sum / n
}
function want(side, rule) {
    printf "{\"t\":\"target\",\"side\":\"%s\",\"equity_pct\":\"95\",\"reason\":\"%s\"}\n", side, rule
}
BEGIN { fast = 10; slow = 30 }
{ what = text("t") }
what == "hello" { print "{\"t\":\"ready\",\"v\":1,\"name\":\"sma-cross.sh\",\"deterministic\":true,\"snapshot\":true}" }
what == "init" {
    if (text("fast") != "") fast = text("fast") + 0 # a number, lest it be compared as text
    if (text("slow") != "") slow = text("slow") + 0
    # What "snapshot" was answered, after a restart: the last closes in one text.
    bars = split(text("closes"), close_of, " ")
}
what == "bar" {
    close_of[++bars] = text("c")
    if (bars > slow && !/"warm":true/) {
        before = mean(fast, 1) - mean(slow, 1)
        now = mean(fast, 0) - mean(slow, 0)
        if (before <= 0 && now > 0) want("LONG", "entry.long")
        if (before >= 0 && now < 0) want("SHORT", "entry.short")
    }
    delete close_of[bars - slow - 1]
    print "{\"t\":\"done\",\"seq\":" number("seq") "}"
}
what == "snapshot" {
    all = ""
    for (i = bars - slow; i <= bars; i++)
        if (i in close_of)
            all = all (all == "" ? "" : " ") close_of[i]
    print "{\"t\":\"state\",\"data\":{\"closes\":\"" all "\"}}"
}
{ fflush() }'
