# records.awk - the list of all records, from the declarations "extern const struct tp_record ...;" of
# the headers, so that the reference page cannot leave one out.
BEGIN { print "/* Made by src/cmd/records.awk; do not edit. */\n#include \"cmd/records.h\"\n" }

/^extern const struct tp_record [a-z]/ {
    header = FILENAME
    sub(/.*src\//, "", header)
    if (header == "cmd/records.h")
        next
    if (!(header in seen)) {
        seen[header] = 1
        printf "#include \"%s\"\n", header
    }
    sub(/^extern const struct tp_record /, "")
    sub(/;.*/, "")
    n = split($0, names, /, */)
    for (i = 1; i <= n; i++)
        list = list "    &" names[i] ",\n"
}

END { printf "\nconst struct tp_record *const tp_records[] = {\n%s    NULL,\n};\n", list }
