# embed.awk - turns text files into one C array of {name, text}; -v array=NAME names it.
# Used for migrations and seeds, so that the binary and the schema it expects cannot part.
function quote(line) {
    gsub(/\\/, "&&", line)
    gsub(/"/, "\\\"", line)
    return "        \"" line "\\n\""
}
BEGIN {
    print "/* Made by sql/embed.awk; do not edit. */"
    print "#include \"base/embed.h\"\n"
    print "#pragma GCC diagnostic ignored \"-Woverlength-strings\"\n"
    printf "const struct tp_embedded %s[] = {\n", array
}
FNR == 1 {
    if (NR > 1)
        print "    },"
    name = FILENAME
    sub(/.*\//, "", name)
    printf "    {\"%s\",\n", name
}
{ print quote($0) }
END {
    if (NR)
        print "    },"
    print "    {NULL, NULL},\n};"
}
