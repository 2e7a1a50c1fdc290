#!/usr/bin/env python3
"""Fast and slow average cross as a program of its own, in Python's standard library.

    tp-backtest run --strategy exec:./sma-cross.py --param fast=10 --param slow=30 candles.csv
"""
import json
import sys


def say(**message):
    print(json.dumps(message), flush=True)


def mean(values):
    return sum(values) / len(values)


fast, slow, closes = 10, 30, []
for line in sys.stdin:
    message = json.loads(line)
    if message["t"] == "hello":
        say(t="ready", v=1, name="sma-cross.py", deterministic=True, snapshot=True)
    elif message["t"] == "init":
        fast = int(message["params"].get("fast", fast))
        slow = int(message["params"].get("slow", slow))
        # What "snapshot" was answered, after a restart.
        closes = (message["state"] or {}).get("closes", [])
    elif message["t"] == "bar":
        closes = (closes + [message["c"]])[-slow - 1:]
        if len(closes) > slow and not message["warm"]:
            values = [float(c) for c in closes]
            before = mean(values[-fast - 1:-1]) - mean(values[:-1])
            now = mean(values[-fast:]) - mean(values[1:])
            if before <= 0 < now:
                say(t="target", side="LONG", equity_pct="95", reason="entry.long")
            elif before >= 0 > now:
                say(t="target", side="SHORT", equity_pct="95", reason="entry.short")
        say(t="done", seq=message["seq"])
    elif message["t"] == "snapshot":
        say(t="state", data={"closes": closes})
