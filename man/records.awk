# records.awk - puts the members of every record into the page tp-records(5).
#   tp-db records -o csv | awk -v version=V -f man/records.awk - man/tp-records.5.in

# Parts a line of CSV into cell[1..]; cells hold no line ends here.
function cells(line,    n, c, quoted, text, i) {
    n = 1
    text = ""
    quoted = 0
    for (i = 1; i <= length(line); i++) {
        c = substr(line, i, 1)
        if (quoted && c == "\"" && substr(line, i + 1, 1) == "\"") {
            text = text "\""
            i++
        } else if (c == "\"")
            quoted = !quoted
        else if (c == "," && !quoted) {
            cell[n++] = text
            text = ""
        } else
            text = text c
    }
    cell[n] = text
    return n
}

function roff(text) {
    gsub(/\\/, "\\e", text)
    gsub(/-/, "\\-", text)
    gsub(/"/, "\\(dq", text)
    return text
}

FNR == NR && FNR == 1 {
    n = cells($0)
    for (i = 1; i <= n; i++)
        at[cell[i]] = i
    next
}

FNR == NR {
    cells($0)
    if (cell[at["record"]] != record) {
        record = cell[at["record"]]
        page = page ".SS " record "\n" roff(cell[at["about"]]) "\n"
    }
    kind = cell[at["kind"]]
    if (kind == "decimal")
        kind = kind ", " cell[at["digits"]] " digits and " cell[at["places"]] " places"
    if (cell[at["bytes"]] != "")
        kind = kind ", at most " cell[at["bytes"]] " bytes"
    if (cell[at["required"]] == "true")
        kind = kind ", required"
    help = roff(cell[at["help"]])
    first = cell[at["choices"]]
    sub(/ .*/, "", first)
    if (first != "" && !index(cell[at["help"]], first)) {
        gsub(/ /, ", ", cell[at["choices"]])
        help = help ": " roff(cell[at["choices"]])
    }
    page = page ".TP\n.B " roff(cell[at["name"]]) "\n(" roff(kind) ") " help "\n"
    next
}

/^\.TH / { sub(/"tp [0-9.]+"/, "\"tp " version "\"") }
/^\.\\" records are put in here/ { printf "%s", page; next }
{ print }
