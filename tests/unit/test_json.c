/* The JSON door: what must be read, what must be refused, exact numbers; the hostile files of ../shared. */
#include "base/json.h"
#include "base/record.h"

#include "base/file.h"
#include "tests/unit/tap.h"

#include <dirent.h>
#include <stdlib.h>

static bool
reads(const char *text, size_t n, bool foreign)
{
    TP_AUTO_JSON  j = NULL;
    struct tp_err err = TP_ERR_INIT;
    int rc = foreign ? tp_json_parse_foreign(text, n, &j, &err) : tp_json_parse(text, n, &j, &err);

    if (rc && (err.code != TP_EINPUT || !err.msg[0]))
        return ok(false, "a refusal has the code of bad input and a sentence");
    return rc == 0;
}

#define CASE(text) text, sizeof text - 1

static const struct {
    const char *text;
    size_t      n;
    bool        good;
    const char *title;
} cases[] = {
    {CASE("{}"), true, "an empty object"},
    {CASE(" [1, -0, 1.5e3, \"\\u00e9\", null, true] \n"), true, "a list of all kinds"},
    {CASE("\"text\""), true, "a bare text"},
    {CASE(""), false, "nothing"},
    {CASE("  "), false, "blanks alone"},
    {CASE("{\"a\":1,\"a\":2}"), false, "a key twice"},
    {CASE("{\"a\":1} x"), false, "something behind the value"},
    {CASE("[1,]"), false, "a comma too many"},
    {CASE("{'a':1}"), false, "single quotes"},
    {CASE("[01]"), false, "a zero in front"},
    {CASE("[+1]"), false, "a plus in front"},
    {CASE("[1.]"), false, "a point without places"},
    {CASE("[.5]"), false, "a point without a whole number"},
    {CASE("[1e]"), false, "an exponent without digits"},
    {CASE("[-]"), false, "a lone minus"},
    {CASE("[NaN]"), false, "NaN"},
    {CASE("[Infinity]"), false, "Infinity"},
    {CASE("[\"\xff\"]"), false, "invalid UTF-8"},
    {CASE("[\"\xed\xa0\x80\"]"), false, "a surrogate in UTF-8"},
    {CASE("[\"a\nb\"]"), false, "a raw line feed in a text"},
    {CASE("[\"\\u0000\"]"), false, "an escaped NUL"},
    {CASE("[\"\0\"]"), false, "a raw NUL"},
    {CASE("[\"\\ud800\"]"), false, "a lone surrogate"},
    {CASE("[\"\\x41\"]"), false, "an escape that JSON has not"},
    {CASE("\xef\xbb\xbf{}"), false, "a byte order mark"},
    {CASE("[\"abc"), false, "a text without end"},
    {CASE("[\"abc\\"), false, "a text that ends in a backslash"},
    {CASE("// x\n{}"), false, "a comment"},
    {CASE("{1 : 1}"), false, "a number for a key"},
};

static void
test_cases(void)
{
    for (size_t i = 0; i < TP_COUNT(cases); i++) {
        ok(reads(cases[i].text, cases[i].n, false) == cases[i].good, "%s is %s", cases[i].title,
           cases[i].good ? "read" : "refused");
        ok(reads(cases[i].text, cases[i].n, true) == cases[i].good, "... also when it is foreign");
    }
}

static void
test_depth(void)
{
    char text[2 * (TP_JSON_DEPTH + 1) + 1];

    for (size_t depth = TP_JSON_DEPTH; depth <= TP_JSON_DEPTH + 1; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        ok(reads(text, 2 * depth, false) == (depth == TP_JSON_DEPTH), "%zu levels", depth);
    }
}

static void
test_exact(void)
{
    static const char text[] = "{\"a\":12345678901.12345678,\"b\":1.5e-3,\"c\":\"7\",\"d\":null,\"e\":1e-9,\"f\":[],"
                               "\"g\":-9223372036854775807}";
    TP_AUTO_JSON   j = NULL;
    struct tp_err  err = TP_ERR_INIT;
    struct tp_dec  d;
    char           out[TP_DEC_TEXT];
    int64_t        n;

    if (!ok(!tp_json_parse_foreign(text, sizeof text - 1, &j, &err), "a foreign object is read"))
        return;
    is(tp_json_text(j, "a"), "12345678901.12345678", "a bare number keeps its digits");
    ok(!tp_json_dec(j, "b", &d, &err), "an exponent is expanded");
    tp_dec_print_short(out, d);
    is(out, "0.0015", "exactly");
    ok(!tp_json_dec(j, "c", &d, &err) && tp_dec_cmp(d, tp_dec_int(7)) == 0, "a quoted number is one too");
    ok(!tp_json_dec(j, "d", &d, &err) && tp_dec_none(d), "null is no value");
    ok(!tp_json_dec(j, "x", &d, &err) && tp_dec_none(d), "an absent key is no value");
    ok(tp_json_dec(j, "e", &d, &err) && strncmp(err.msg, "e: ", 3) == 0, "nine places are refused, naming the key");
    ok(tp_json_dec(j, "f", &d, &err) == -1, "a list is no decimal");
    ok(!tp_json_int(j, "g", &n, &err) && n == -INT64_MAX, "a whole number of 63 bits");
    ok(tp_json_int(j, "b", &n, &err) == -1, "a fraction is no whole number");
}

static void
test_no_quoting(void)
{
    static const char text[] = "{\"secret\":CANARY}";
    TP_AUTO_JSON      j = NULL;
    struct tp_err     err = TP_ERR_INIT;

    ok(tp_json_parse(text, sizeof text - 1, &j, &err) == -1 && !strstr(err.msg, "CANARY"),
       "a refusal tells the place and does not quote the text");
    is(err.msg, "line 1 column 16: not valid JSON", "which is its line and column");
}

/* ---- ../shared/data/hostile ---------------------------------------------------------------------- */

/* Cases that the suite wants read and we refuse. */
static const struct {
    const char *name, *why;
} stricter[] = {
    {"y_object_duplicated_key.json", "which of the two was meant?"},
    {"y_object_duplicated_key_and_value.json", "which of the two was meant?"},
    {"y_string_null_escape.json", "PostgreSQL's text holds no NUL"},
    {"y_object_escaped_null_in_key.json", "PostgreSQL's text holds no NUL"},
};

static bool
is_stricter(const char *name)
{
    for (size_t i = 0; i < TP_COUNT(stricter); i++)
        if (strcmp(stricter[i].name, name) == 0)
            return true;
    return false;
}

static bool
read_file(const char *path, struct tp_buf *to)
{
    struct tp_err err = TP_ERR_INIT;

    tp_buf_clear(to);
    return tp_file_read(path, SIZE_MAX / 2, to, &err) == 0;
}

static const char *
shared(void)
{
    static char folder[2048];
    const char *named = getenv("TP_SHARED"), *source = getenv("srcdir");

    if (named)
        snprintf(folder, sizeof folder, "%s/data/hostile", named);
    else
        snprintf(folder, sizeof folder, "%s/../shared/data/hostile", source ? source : ".");
    return folder;
}

static void
test_suite(const char *name)
{
    char           path[4096];
    DIR           *dir;
    struct dirent *entry;
    struct tp_buf  text = {0};
    size_t         n = 0, wrong = 0;

    snprintf(path, sizeof path, "%s/json/%s", shared(), name);
    dir = opendir(path);
    if (!dir) {
        skip(name, "the hostile files are not there");
        return;
    }
    while ((entry = readdir(dir))) {
        char kind = entry->d_name[0];
        bool got[2];

        if (!strstr(entry->d_name, ".json"))
            continue;
        snprintf(path, sizeof path, "%s/json/%s/%.255s", shared(), name, entry->d_name);
        if (!read_file(path, &text))
            continue;
        n++;
        got[0] = reads(text.n ? text.at : "", text.n, false);
        got[1] = reads(text.n ? text.at : "", text.n, true);
        if (entry->d_name[1] != '_' || kind == 'i' || is_stricter(entry->d_name))
            continue; /* either answer; it came back at all */
        for (int i = 0; i < 2; i++)
            if (got[i] != (kind == 'y')) {
                printf("# %s%s: %s\n", entry->d_name, i ? " (foreign)" : "", got[i] ? "read" : "refused");
                wrong++;
            }
    }
    closedir(dir);
    tp_buf_free(&text);
    ok(n > 0 && wrong == 0, "%s: %zu hostile files are read or refused as they should", name, n);
}

/* Naughty strings written as JSON and read back are the same. */
static void
test_strings(void)
{
    char          path[4096];
    struct tp_buf text = {0}, line = {0};
    struct tp_err err = TP_ERR_INIT;
    TP_AUTO_JSON  list = NULL;
    const json_t *one;
    size_t        i, wrong = 0;

    snprintf(path, sizeof path, "%s/strings/blns-even.json", shared());
    if (!read_file(path, &text)) {
        skip("naughty strings survive writing and reading", "the hostile files are not there");
        return;
    }
    if (ok(!tp_json_parse(text.at, text.n, &list, &err), "the naughty strings are read")) {
        json_array_foreach (list, i, one) {
            TP_AUTO_JSON again = NULL;

            tp_buf_clear(&line);
            tp_json_string(&line, json_string_value(one), json_string_length(one));
            if (tp_json_parse(line.at, line.n, &again, &err) || !json_equal(one, again))
                wrong++;
        }
        ok(json_array_size(list) > 100 && wrong == 0, "naughty strings survive writing and reading");
    }
    tp_buf_free(&line);
    tp_buf_free(&text);
}

int
main(void)
{
    test_cases();
    test_depth();
    test_exact();
    test_no_quoting();
    test_suite("test_parsing");
    test_suite("test_transform");
    test_strings();
    return done();
}
