#!/bin/bash
# Words that may not stand in certain places.  Prints TAP.
source "$(dirname "$0")/tap.bash"
cd "${srcdir:-$(dirname "$0")/../..}" || exit 99
for folder in trade risk store alert; do
    [ ! -d "src/$folder" ] || verdict "no binary fractions in src/$folder" \
        "$(grep -rnwE 'double|float' "src/$folder" --include='*.[ch]' --include='*.def')"
done

verdict "indicators, measures and pages alone may use the mathematics library" \
    "$(grep -rnE '#include (<math\.h>|"base/dec_double\.h")' src \
        | grep -vE '^src/(strategy|backtest/metric\.c|report|base/dec_double\.h)')"

inserts=$(grep -rnE 'insert into tp\.orders\b' src sql/queries)
verdict "at most one statement inserts orders" \
    "$([ "$(grep -c . <<<"$inserts")" -le 1 ] || echo "$inserts")"

verdict "the pure folders print nothing and ask neither clock nor environment" \
    "$(for f in market trade strategy risk bot backtest alert; do
        [ ! -d "src/$f" ] || grep -rnwE 'printf|fprintf|puts|getenv|clock_gettime|gettimeofday|time\(NULL\)' "src/$f" \
            --include='*.c'
    done)"

verdict "only tp_main ends a program" \
    "$(grep -rnE '(^|[^_a-z])_?exit\(' src --include='*.c' | grep -vE '^src/base/(prog|text|server|child)\.c:')"

words='TO''DO|FIX''ME|X''XX|H''ACK'
verdict "no notes to self" \
    "$(grep -rnwE "$words" bootstrap configure.ac Makefile.am src sql tests man docs bench README.md NEWS 2>/dev/null)"

finish
