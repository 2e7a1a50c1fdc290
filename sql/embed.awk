# embed.awk - turns text files into one C array of {name, text}; -v array=NAME names it.
# With -v version=1: the highest number of the *.up.sql files, and how many they are, instead.
# Used for migrations and seeds, so that the binary and the schema it expects cannot part.
function quote(line) {
    gsub(/\\/, "&&", line)
    gsub(/"/, "\\\"", line)
    return "        \"" line "\\n\""
}
BEGIN {
    print "/* Made by sql/embed.awk; do not edit. */"
    print "#include \"base/embed.h\"\n"
    if (version) {
        for (i = 1; i < ARGC; i++)
            if (match(ARGV[i], /[0-9]+_[^\/]*\.up\.sql$/)) {
                n++
                last = substr(ARGV[i], RSTART) + 0 > last ? substr(ARGV[i], RSTART) + 0 : last
            }
        printf "const int tp_schema_version = %d, tp_schema_files = %d;\n", last, n
        exit
    }
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
    if (version)
        exit
    if (NR)
        print "    },"
    print "    {NULL, NULL},\n};"
}
