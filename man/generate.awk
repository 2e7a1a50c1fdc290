# Makes one manual page: the tables of the program (--dump-options) first, then its prose (NAME.1.in).
#   PROGRAM --dump-options | awk -v version=1.2.3 -f man/generate.awk - man/PROGRAM.1.in > PROGRAM.1
# The prose goes in as it stands: what comes before its EXAMPLES above the commands, the rest at the end of the
# page.  It brings DESCRIPTION, EXAMPLES, SEE ALSO and, if the program has files of its own, FILES.
BEGIN { FS = "\t" }

function esc(text) {
    gsub(/\\/, "\\e", text)
    gsub(/-/, "\\-", text)
    if (text ~ /^[.']/) text = "\\&" text
    return text
}

function option_text(line,    f, n, head) {
    n = split(line, f, "\t")
    # option, command, letter, name, value, choices, fallback, complete, env, help
    head = (f[3] != "-" && f[3] != "" ? "\\fB\\-" f[3] "\\fR, " : "") "\\fB\\-\\-" esc(f[4]) "\\fR"
    if (f[5] != "") head = head "=\\fI" esc(f[5]) "\\fR"
    print ".TP"
    print head
    printf "%s", esc(f[10])
    if (f[6] != "") { gsub(/ /, ", ", f[6]); printf "; one of %s", esc(f[6]) }
    if (f[7] != "") printf " (default: %s)", esc(f[7])
    if (f[9] != "") printf " (environment: %s)", esc(f[9])
    print "."
}

FNR == 1 { file++ }

file == 1 && $1 == "program" { program = $2; about = $3 }
file == 1 && $1 == "command" { name[++commands] = $2; operands[commands] = $3; help[commands] = $4 }
file == 1 && $1 == "option"  { option[++options] = $0; of[options] = $2 }
file == 1 && $1 == "status"  { status[++codes] = $2; means[codes] = $3 }
file == 2 {
    if (FNR == 1) head_of_page()
    if ($0 == ".SH EXAMPLES") last = 1
    if (last) rest = rest $0 "\n"
    else print
}
END { if (file == 1) head_of_page(); tables(); environment(); common_files(); printf "%s", rest }

function head_of_page(    c) {
    print ".\\\" Made by man/generate.awk from the program's option tables; edit man/" program ".1.in."
    print ".TH " toupper(program) " 1 \"2026-11-24\" \"tp " version "\" \"tp\""
    print ".SH NAME"
    print program " \\- " esc(about)
    print ".SH SYNOPSIS"
    print ".nf"
    for (c = 1; c <= commands; c++)
        print "\\fB" program (name[c] != "" ? " " esc(name[c]) : "") "\\fR [\\fIOPTION\\fR...]" \
            (operands[c] != "" ? " " esc(operands[c]) : "")
    print ".fi"
}

function tables(    c, o) {
    print ".SH COMMANDS"
    for (c = 1; c <= commands; c++) {
        print ".SS " program (name[c] != "" ? " " esc(name[c]) : "") (operands[c] != "" ? " " esc(operands[c]) : "")
        print esc(toupper(substr(help[c], 1, 1)) substr(help[c], 2)) "."
        for (o = 1; o <= options; o++)
            if (of[o] == name[c]) option_text(option[o])
    }
    print ".SH COMMON OPTIONS"
    for (o = 1; o <= options; o++)
        if (of[o] == "*" && option[o] !~ /\tdump-options\t/) option_text(option[o])
    print ".SH EXIT STATUS"
    for (c = 1; c <= codes; c++) {
        print ".TP"
        print ".B " status[c]
        print esc(means[c]) "."
    }
}

# The variables that stand for options; those of all programs are in tp(7).
function environment(    o, f, seen, out) {
    print ".SH ENVIRONMENT"
    for (o = 1; o <= options; o++) {
        split(option[o], f, "\t")
        if (f[9] == "" || (f[9] in seen)) continue
        seen[f[9]] = 1
        print ".TP"
        print ".B " f[9]
        print "Used when \\fB\\-\\-" esc(f[4]) "\\fR is not given."
    }
    print ".TP"
    print ".B NO_COLOR"
    print "No colours on a terminal."
    print ".PP"
    print "libpq reads its own, such as \\fBPGHOST\\fR and \\fBPGSERVICE\\fR; see"
    print ".BR tp (7)."
}

function common_files() {
    if (rest !~ /(^|\n)\.SH FILES\n/) rest = ".SH FILES\n" config() rest
    else sub(/\.SH FILES\n/, "&" config(), rest)
}

function config() {
    return ".TP\n.I $XDG_CONFIG_HOME/tp/config.yaml\nDefaults for options and environment, see tp(7).\n"
}
