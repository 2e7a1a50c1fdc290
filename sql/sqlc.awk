# sqlc.awk - turns blocks of sql/queries/*.sql into C constants.
#   -v out=h  declarations    -v out=c  definitions    -v out=prepare  one PREPARE per query (for the test)
# A block:  "-- name: order_list (text, bigint)", optional "-- kind: query|copy|utility" (default query),
# comment lines for the reader, then the statement up to the line that ends with ';'.

function flush_block() {
    if (name == "")
        return
    if (text == "") {
        printf "%s: block '%s' has no statement\n", FILENAME, name > "/dev/stderr"
        failed = 1
    }
    sub(/;[ \t\n]*$/, "", text)
    if (out == "h")
        printf "extern const struct tp_stmt SQL_%s;\n", name
    else if (out == "c")
        printf "const struct tp_stmt SQL_%s = {\"%s\", %d, TP_STMT_%s,\n%s};\n\n", name, name, n_params, toupper(kind), quote(text)
    else if (out == "prepare" && kind == "query")
        printf "prepare %s%s as\n%s;\n", name, types == "" ? "" : " (" types ")", text
    else if (out == "list")
        printf "%s\t%s\t%s\n", name, kind, FILENAME
    name = text = ""
}

function quote(s,    lines, n, i, r) {
    n = split(s, lines, "\n")
    for (i = 1; i <= n; i++) {
        gsub(/\\/, "&&", lines[i])
        gsub(/"/, "\\\"", lines[i])
        r = r sprintf("    \"%s%s\"%s", lines[i], i < n ? "\\n" : "", i < n ? "\n" : "")
    }
    return r
}

BEGIN {
    if (out == "h")
        print "/* Made by sql/sqlc.awk from sql/queries; do not edit. */\n#ifndef TP_STORE_SQL_H\n#define TP_STORE_SQL_H\n\n#include \"base/db.h\"\n"
    else if (out == "c")
        # ISO C promises literals of 4095 bytes only; gcc and clang have no such bound
        print "/* Made by sql/sqlc.awk from sql/queries; do not edit. */\n#include \"store/sql.h\"\n\n" \
              "#pragma GCC diagnostic ignored \"-Woverlength-strings\"\n"
}
FNR == 1 { flush_block() }
/^-- name: / {
    flush_block()
    name = $3
    kind = "query"
    types = ""
    if (match($0, /\(.*\)/))
        types = substr($0, RSTART + 1, RLENGTH - 2)
    n_params = types ~ /[^ ]/ ? split(types, unused, ",") : 0
    if (name in seen) {
        printf "%s: statement '%s' is named twice\n", FILENAME, name > "/dev/stderr"
        failed = 1
    }
    seen[name] = 1
    next
}
/^-- kind: / { kind = $3; next }
name == "" { next }
text == "" && /^--/ { next }
text == "" && /^[ \t]*$/ { next }
{ text = text (text == "" ? "" : "\n") $0 }
END {
    flush_block()
    if (out == "h")
        print "\n#endif"
    exit failed
}
