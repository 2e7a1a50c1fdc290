#include "base/output.h"
#include "base/record.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "tap.h"

static const char *const sides[] = {"LONG", "SHORT", NULL};

struct row {
    struct tp_uuid id;
    char           side[6];
    const char    *note;
    struct tp_dec  price;
    struct tp_rate rate;
    struct tp_time at;
    int64_t        day, count;
    int8_t         live;
    const char    *extra;
};

static const struct tp_field fields[] = {
    F_UUID(struct row, id, "who"),
    F_TEXT(struct row, side, "which way", .choices = sides, .required = true),
    F_LONG(struct row, note, "free text"),
    F_DEC(struct row, price, "in quote currency"),
    F_RATE(struct row, rate, "a fraction"),
    F_TIME(struct row, at, "when"),
    F_DATE(struct row, day, "the day"),
    F_INT(struct row, count, "how many"),
    F_BOOL(struct row, live, "whether"),
    F_JSON(struct row, extra, "anything"),
    F_STOP,
};

static const struct tp_record record = {"row", "a row of this test", fields, sizeof(struct row)};

#define FULL                                                                                       \
    "{\"type\":\"row\",\"id\":\"017f22e2-79b0-7fff-bfff-ffffffffffff\",\"side\":\"LONG\","          \
    "\"note\":\"a \\\"b\\\" \\\\ \\n\\u0001 \xC3\xA9\",\"price\":\"0.10000000\","                    \
    "\"rate\":\"-0.000100000000\",\"at\":\"2025-12-09T00:00:00.000001Z\",\"day\":\"2025-12-09\","    \
    "\"count\":-7,\"live\":true,\"extra\":{\"a\":[1,2.50]}}\n"
#define EMPTY                                                                                      \
    "{\"type\":\"row\",\"id\":null,\"side\":\"SHORT\",\"note\":null,\"price\":null,\"rate\":null,"   \
    "\"at\":null,\"day\":null,\"count\":null,\"live\":null,\"extra\":null}\n"

static void
round_trip(void)
{
    static const char *const lines[] = {FULL, EMPTY};

    for (size_t i = 0; i < 2; i++) {
        TP_AUTO_ARENA arena = {0};
        TP_AUTO_BUF   out = {0};
        struct tp_err err = TP_ERR_INIT;
        struct row    row;

        ok(tp_record_parse(&record, lines[i], strlen(lines[i]), &row, &arena, &err) == 1,
           "line %zu is read%s%s", i, err.msg[0] ? ": " : "", err.msg);
        tp_record_json(&record, &row, &out);
        is(out.at, lines[i], "line %zu is written as it was", i);
    }
}

/* A line with this price, note and time, read and written again; NULL: refused. */
static const char *
again(const char *note, const char *price, struct tp_buf *out)
{
    TP_AUTO_ARENA arena = {0};
    TP_AUTO_BUF   line = {0};
    struct tp_err err = TP_ERR_INIT;
    struct row    row;

    tp_buf_fmt(&line, "{\"type\":\"row\",\"side\":\"LONG\",\"note\":%s,\"price\":\"%s\",\"count\":1}", note, price);
    if (tp_record_parse(&record, line.at, line.n, &row, &arena, &err) != 1)
        return NULL;
    tp_buf_clear(out);
    tp_record_json(&record, &row, out);
    return out->at;
}

/* Decimals and strings are read eight bytes at a time: each length, and each place of what is not plain. */
static void
words(void)
{
    static const char digits[] = "123456789012";
    TP_AUTO_BUF       out = {0};
    char              price[32], note[64], want[64];
    const char       *got;

    for (int n = 1; n <= 12; n++)
        for (int minus = 0; minus < 2; minus++) {
            snprintf(price, sizeof price, "%s%.*s.00000009", minus ? "-" : "", n, digits);
            snprintf(want, sizeof want, "\"price\":\"%s\",", price);
            got = again("null", price, &out);
            ok(got && strstr(got, want), "%s is read and written", price);
        }
    for (size_t at = 0; at < 17; at++) {
        bool refused = true;

        for (const char *wrong = ":/ -+x\"\\\xB1"; *wrong; wrong++) {
            snprintf(price, sizeof price, "12345678.00000009");
            price[at] = *wrong;
            /* the sign before, or one place less, makes another number */
            refused &= (at == 0 && strchr("-+", *wrong)) || !again("null", price, &out);
        }
        ok(refused, "what is not a digit at %zu is refused", at);
    }
    for (int at = 0; at < 20; at++) {
        snprintf(note, sizeof note, "\"aaaaaaaaaaaaaaaaaaaaaaaa\"");
        memcpy(note + 1 + at, "\\n\xC3\xA9", 4);
        got = again(note, "1", &out);
        ok(got && strstr(got, note), "an escape and a letter of two bytes at %d", at);
        note[1 + at] = '\x1F';
        ok(!again(note, "1", &out), "a control character at %d is refused", at);
    }
}

static void
refusals(void)
{
    static const struct {
        const char *line, *want;
    } cases[] = {
        {"", "column 1: want an object"},
        {"[]", "column 1: want an object"},
        {"{", "column 2: want a string"},
        {"{}", "side: a row needs it"},
        {"{\"side\":\"UP\"}", "side: 'UP' is not one of its words"},
        {"{\"side\":\"LONG\",\"price\":1.5}", "price: want a string (a decimal stands in quotes)"},
        {"{\"side\":\"LONG\",\"price\":1}", "price: want a string (a decimal stands in quotes)"},
        {"{\"side\":\"LONG\",\"price\":\"1e5\"}",
         "price: '1e5' is not a decimal number: want digits with at most one point"},
        {"{\"side\":\"LONG\",\"price\":\"1000000000000\"}",
         "price: the value is out of range (12 digits before the point)"},
        {"{\"side\":\"LONG\",\"side\":\"LONG\"}", "side: column 23: the key stands twice"},
        {"{\"side\":\"LONG\",\"count\":\"7\"}", "count: want a whole number"},
        {"{\"side\":\"LONG\",\"count\":7.0}", "count: '7.0' is not a whole number"},
        {"{\"side\":\"LONG\"} x", "column 17: something follows the object"},
        {"{\"side\":\"LONG\",}", "column 16: want a string"},
        {"{\"type\":\"row\",\"type\":\"row\"}", "column 22: the key 'type' stands twice"},
        {"{\"type\":\"row\",}", "column 15: want a string"},
        {"{\"type\":\"row\" \"side\":\"LONG\"}", "column 15: want ',' or '}'"},
        {"{\"side\":\"LONG\",\"note\":nul}", "column 23: want a value"},
        {"{\"side\":\"LONG\",\"note\":\"a", "column 25: the string does not end"},
        {"{\"side\":\"LO\\ud800NG\"}", "column 18: half of a surrogate pair"},
        {"{\"side\":\"LO\\u0000\"}", "column 18: a string has a NUL character"},
        {"{\"side\":\"LONG\",\"x\":[[[01]]]}", "column 24: want ',' or the closing bracket"},
        {"{\"side\":\"LONG\",\"x\":tru}", "column 20: want a value"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        TP_AUTO_ARENA arena = {0};
        struct tp_err err = TP_ERR_INIT;
        struct row    row;
        int           rc = tp_record_parse(&record, cases[i].line, strlen(cases[i].line), &row, &arena, &err);

        is(rc < 0 ? err.msg : "it was read", cases[i].want, "refused: %s", cases[i].line);
    }
}

static void
others(void)
{
    TP_AUTO_ARENA arena = {0};
    struct tp_err err = TP_ERR_INIT;
    struct row    row;
    char          type[32], deep[400];
    const char   *line = "{\"type\":\"order\",\"side\":\"LONG\"}";

    ok(tp_record_parse(&record, line, strlen(line), &row, &arena, &err) == 0,
       "a record of another type is passed over");
    line = "{\"new\":{\"k\":[null,true,-1.5e+3,\"x\"]},\"side\":\"LONG\"}";
    ok(tp_record_parse(&record, line, strlen(line), &row, &arena, &err) == 1, "unknown keys are passed over");
    line = "{\"a\":1,\"type\":\"trade\",\"b\":";
    ok(!tp_record_type(line, strlen(line), type, sizeof type, &err), "the type is found before the line ends");
    is(type, "trade", "and is right");
    memset(deep, '[', sizeof deep);
    memcpy(deep, "{\"x\":", 5);
    ok(tp_record_parse(&record, deep, sizeof deep, &row, &arena, &err) < 0
           && strstr(err.msg, "64 levels"),
       "deep nesting is refused");
}

static void
rows_out(enum tp_form form, const char *want)
{
    struct tp_err err = TP_ERR_INIT;
    struct tp_out out;
    struct row    row;
    char          text[2000];
    int           fds[2];
    ssize_t       n;

    if (pipe(fds))
        return;
    tp_out_init(&out, fds[1], form);
    tp_record_init(&record, &row);
    memcpy(row.side, "LONG", 5);
    row.price = tp_dec_int(5);
    tp_out_row(&out, &record, &row, &err);
    memcpy(row.side, "SHORT", 6);
    row.note = "one, \"two\"";
    row.price = TP_DEC_NONE;
    tp_out_row(&out, &record, &row, &err);
    tp_out_flush(&out, &err);
    tp_out_free(&out);
    close(fds[1]);
    n = read(fds[0], text, sizeof text - 1);
    close(fds[0]);
    text[n > 0 ? n : 0] = '\0';
    is(text, want, "form %d", (int)form);
}

static void
full_disk(void)
{
    struct tp_err err = TP_ERR_INIT;
    struct tp_out out;
    struct row    row;
    int           fd = open("/dev/full", O_WRONLY);

    tp_out_init(&out, fd, TP_FORM_JSON);
    tp_record_init(&record, &row);
    tp_out_row(&out, &record, &row, &err);
    ok(tp_out_flush(&out, &err) < 0 && err.code == TP_EFAIL, "a full disk is an error");
    is(err.msg, "standard output: No space left on device", "that says so");
    tp_out_free(&out);
    close(fd);
}

static void
unknown_keys(void)
{
    TP_AUTO_ARENA arena = {0};
    struct tp_err err = TP_ERR_INIT;
    struct row    row;

#define STRICT(line) tp_record_parse_strict(&record, line, strlen(line), &row, &arena, &err)
    ok(STRICT(FULL) == 1, "a strict reader reads what the record has");
    ok(STRICT("{\"side\":\"LONG\",\"prise\":\"1\"}") < 0, "and refuses what it has not");
    is(err.msg, "prise: there is no such field; did you mean price?", "with what may have been meant");
    ok(STRICT("{\"side\":\"LONG\",\"a\\u001bb thing\":null}") < 0, "also when it is null");
    is(err.msg, "a?b thing: there is no such field", "and shows no control character");
}

/* A record with members of its own behind another's. */
static void
joined(void)
{
    struct own {
        int64_t line;
        int8_t  again;
    };
    static const struct tp_field more[] = {
        F_INT(struct own, line, "which line"),
        F_BOOL(struct own, again, "whether it was there"),
        F_STOP,
    };
    TP_AUTO_ARENA    arena = {0};
    TP_AUTO_BUF      out = {0};
    struct tp_err    err = TP_ERR_INIT;
    struct tp_record both = tp_record_join(&record, more, sizeof(struct own), &arena);
    char            *row = tp_alloc(both.size);
    static const char line[] = "{\"type\":\"row\",\"id\":null,\"side\":\"SHORT\",\"note\":null,\"price\":null,"
                               "\"rate\":null,\"at\":null,\"day\":null,\"count\":null,\"live\":null,\"extra\":null,"
                               "\"line\":7,\"again\":true}\n";

    ok(tp_record_parse(&both, line, strlen(line), row, &arena, &err) == 1, "members of both are read");
    ok(((struct own *)(row + tp_record_end(&record)))->line == 7, "and stand behind the first one's");
    tp_record_json(&both, row, &out);
    is(out.at, line, "and are written behind them");
    free(row);
}

int
main(void)
{
    round_trip();
    words();
    unknown_keys();
    joined();
    refusals();
    others();
    rows_out(TP_FORM_CSV, "id,side,note,price,rate,at,day,count,live,extra\n"
                          ",LONG,,5.00000000,,,,,,\n"
                          ",SHORT,\"one, \"\"two\"\"\",,,,,,,\n");
    rows_out(TP_FORM_TABLE, "id  side   note             price  rate  at  day  count  live  extra\n"
                            "    LONG               5.00000000\n"
                            "    SHORT  one, \"two\"\n");
    full_disk();
    return done();
}
