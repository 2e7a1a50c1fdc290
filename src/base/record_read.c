/* Reading one JSON object into a row, strictly, with byte positions for messages. */
#include "base/record.h"

#include <assert.h>
#include <string.h>

#include "base/banned.h"
#include "base/digits.h"

/* A strict reader of one object, with byte positions for messages. */
struct reader {
    const char *start, *p, *end;
    struct tp_err *err;
    struct tp_buf  text; /* the string read last, unescaped, when it had escapes */
    bool           strict; /* unknown keys are refused */
};

static int
bad_json(struct reader *r, const char *what)
{
    return tp_fail(r->err, TP_EINPUT, "column %zu: %s", (size_t)(r->p - r->start) + 1, what);
}

static inline void
skip_blanks(struct reader *r)
{
    if (r->p < r->end && *r->p > ' ') /* nearly always there are none */
        return;
    while (r->p < r->end && (*r->p == ' ' || *r->p == '\t' || *r->p == '\r' || *r->p == '\n'))
        r->p++;
}

/* Passes over blanks and one byte that must come now; otherwise the position stays at what came. */
static int
expect(struct reader *r, char c, const char *what)
{
    skip_blanks(r);
    if (r->p == r->end)
        return bad_json(r, r->p == r->start ? what : "the line ends too early");
    if (*r->p != c)
        return bad_json(r, what);
    r->p++;
    return 0;
}

static int
hex4(struct reader *r, unsigned *out)
{
    *out = 0;
    if (r->end - r->p < 4)
        return bad_json(r, "a \\u escape is cut short");
    for (int i = 0; i < 4; i++) {
        char c = *r->p++;

        *out <<= 4;
        if (c >= '0' && c <= '9')
            *out |= (unsigned)(c - '0');
        else if ((c | 32) >= 'a' && (c | 32) <= 'f')
            *out |= (unsigned)((c | 32) - 'a' + 10);
        else
            return bad_json(r, "a \\u escape has a wrong digit");
    }
    return 0;
}

static void
put_utf8(struct tp_buf *to, unsigned code)
{
    if (code < 0x80) {
        tp_buf_char(to, (char)code);
    } else if (code < 0x800) {
        tp_buf_char(to, (char)(0xC0 | code >> 6));
        tp_buf_char(to, (char)(0x80 | (code & 63)));
    } else if (code < 0x10000) {
        tp_buf_char(to, (char)(0xE0 | code >> 12));
        tp_buf_char(to, (char)(0x80 | (code >> 6 & 63)));
        tp_buf_char(to, (char)(0x80 | (code & 63)));
    } else {
        tp_buf_char(to, (char)(0xF0 | code >> 18));
        tp_buf_char(to, (char)(0x80 | (code >> 12 & 63)));
        tp_buf_char(to, (char)(0x80 | (code >> 6 & 63)));
        tp_buf_char(to, (char)(0x80 | (code & 63)));
    }
}

static int
read_escape(struct reader *r)
{
    static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
    const char       *found;
    unsigned          code, low;

    if (r->p == r->end)
        return bad_json(r, "the string does not end");
    if (*r->p != 'u') {
        found = *r->p ? strchr(from, *r->p) : NULL;
        if (!found)
            return bad_json(r, "unknown escape");
        tp_buf_char(&r->text, into[found - from]);
        r->p++;
        return 0;
    }
    r->p++;
    if (hex4(r, &code))
        return -1;
    if (code >= 0xD800 && code <= 0xDBFF) {
        if (r->end - r->p < 2 || r->p[0] != '\\' || r->p[1] != 'u')
            return bad_json(r, "half of a surrogate pair");
        r->p += 2;
        if (hex4(r, &low))
            return -1;
        if (low < 0xDC00 || low > 0xDFFF)
            return bad_json(r, "half of a surrogate pair");
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    } else if (code >= 0xDC00 && code <= 0xDFFF) {
        return bad_json(r, "half of a surrogate pair");
    }
    if (code == 0)
        return bad_json(r, "a string has a NUL character");
    put_utf8(&r->text, code);
    return 0;
}

#define EIGHT(byte) (UINT64_C(0x0101010101010101) * (byte))

/* The first byte from p that does not stand for itself in a string: a quote, a backslash, a control character.
 * x - 1 & ~x has its high bit where x is zero, and x - 32 & ~x where x is below 32; what is borrowed spoils only
 * the bytes behind the first. */
static const char *
plain_until(const char *p, const char *end)
{
    for (; end - p >= 8; p += 8) {
        uint64_t text = tp_digits_load(p), quote = text ^ EIGHT('"'), backslash = text ^ EIGHT('\\');
        uint64_t found = ((quote - EIGHT(1)) & ~quote) | ((backslash - EIGHT(1)) & ~backslash)
                         | ((text - EIGHT(32)) & ~text);

        found &= EIGHT(128);
        if (found)
            return p + __builtin_ctzll(found) / 8;
    }
    while (p < end && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20)
        p++;
    return p;
}

/* A string: its text stays valid until the next one is read. */
static int
read_string(struct reader *r, const char **text, size_t *n)
{
    const char *from;

    if (r->p == r->end || *r->p != '"')
        return bad_json(r, "want a string");
    from = ++r->p;
    r->p = plain_until(from, r->end);
    if (r->p < r->end && *r->p == '"') {
        *text = from;
        *n = (size_t)(r->p++ - from);
        return 0;
    }
    tp_buf_clear(&r->text);
    tp_buf_put(&r->text, from, (size_t)(r->p - from));
    for (;;) {
        if (r->p == r->end)
            return bad_json(r, "the string does not end");
        if (*r->p == '"')
            break;
        if ((unsigned char)*r->p < 0x20)
            return bad_json(r, "a control character in a string");
        if (*r->p == '\\') {
            r->p++;
            if (read_escape(r))
                return -1;
        } else {
            tp_buf_char(&r->text, *r->p++);
        }
    }
    r->p++;
    *text = r->text.at;
    *n = r->text.n;
    return 0;
}

static int
read_number(struct reader *r)
{
    const char *p = r->p;

    if (p < r->end && *p == '-')
        p++;
    if (p == r->end || *p < '0' || *p > '9')
        return bad_json(r, "want a value");
    if (*p == '0')
        p++;
    else
        while (p < r->end && *p >= '0' && *p <= '9')
            p++;
    if (p < r->end && *p == '.') {
        const char *places = ++p;

        while (p < r->end && *p >= '0' && *p <= '9')
            p++;
        if (p == places)
            return bad_json(r, "a number ends with its point");
    }
    if (p < r->end && (*p | 32) == 'e') {
        const char *digits;

        p++;
        if (p < r->end && (*p == '+' || *p == '-'))
            p++;
        digits = p;
        while (p < r->end && *p >= '0' && *p <= '9')
            p++;
        if (p == digits)
            return bad_json(r, "a number has an empty exponent");
    }
    r->p = p;
    return 0;
}

static int
read_word(struct reader *r, const char *word)
{
    size_t n = strlen(word);

    if ((size_t)(r->end - r->p) < n || memcmp(r->p, word, n) != 0)
        return bad_json(r, "want a value");
    r->p += n;
    return 0;
}

#define DEPTH 64

/* Passes over any value; *kind is its first byte. */
static int
read_any(struct reader *r, int depth, char *kind)
{
    const char *text;
    size_t      n;
    char        close, inner;

    skip_blanks(r);
    if (r->p == r->end)
        return bad_json(r, "the line ends too early");
    *kind = *r->p;
    switch (*r->p) {
    case '"':
        return read_string(r, &text, &n);
    case 't':
        return read_word(r, "true");
    case 'f':
        return read_word(r, "false");
    case 'n':
        return read_word(r, "null");
    case '{':
    case '[':
        break;
    default:
        return read_number(r);
    }
    if (depth == DEPTH)
        return bad_json(r, "more than 64 levels of nesting");
    close = *r->p++ == '{' ? '}' : ']';
    skip_blanks(r);
    if (r->p < r->end && *r->p == close) {
        r->p++;
        return 0;
    }
    for (;;) {
        skip_blanks(r);
        if (close == '}') {
            if (read_string(r, &text, &n))
                return -1;
            if (expect(r, ':', "want ':'"))
                return -1;
        }
        if (read_any(r, depth + 1, &inner))
            return -1;
        skip_blanks(r);
        if (r->p < r->end && *r->p == close) {
            r->p++;
            return 0;
        }
        if (expect(r, ',', "want ',' or the closing bracket"))
            return -1;
    }
}

/* Lines of ours have the fields in table order without blanks: whether what follows is this field, which then is
 * passed over up to its value. */
static inline bool
follows(struct reader *r, const struct tp_field *f)
{
    size_t n = f->len + TP_F_KEY_MORE;

    if (f->kind == TP_F_STOP || (size_t)(r->end - r->p) < n || memcmp(r->p, f->key, n) != 0)
        return false;
    r->p += n;
    return true;
}

static const struct tp_field *
field_named(const struct tp_record *record, const char *name, size_t n)
{
    for (const struct tp_field *f = record->fields; f->kind != TP_F_STOP; f++)
        if (f->len == n && memcmp(f->name, name, n) == 0)
            return f;
    return NULL;
}

/* A decimal as ours are written, sign, digits, a point, eight digits, the quote, is read in one go.
 * False (and nothing is passed over) for every other form, right or wrong. */
static bool
plain_dec(struct reader *r, const struct tp_field *f, struct tp_dec *out)
{
    const char *p = r->p + 1, *end = r->end;
    bool        minus = p < end && *p == '-';
    uint64_t    whole, places, wrong;
    int64_t     value;
    int         n = 8;

    p += minus;
    if (f->scale != TP_DEC_SCALE || end - p < 20) /* ten digits, the point, eight digits, the quote */
        return false;
    whole = tp_digits_of(p);
    wrong = tp_digits_wrong(whole);
    if (wrong) {
        n = __builtin_ctzll(wrong) / 8;
        if (n == 0)
            return false;
        whole <<= 64 - 8 * n; /* zeros come in before it */
    }
    value = tp_digits_value(whole);
    for (; n >= 8 && n < 10 && (unsigned char)(p[n] - '0') < 10; n++)
        value = value * 10 + (p[n] - '0');
    p += n;
    /* Ten whole digits and eight places stay below 10^18; the column's bound is checked exactly. */
    places = tp_digits_of(p + 1);
    if (n > f->digits || *p != '.' || p[TP_DEC_SCALE + 1] != '"' || tp_digits_wrong(places))
        return false;
    value = value * TP_DEC_ONE + tp_digits_value(places);
    out->units = minus ? -value : value;
    r->p = p + TP_DEC_SCALE + 2;
    return true;
}

static int
read_field(struct reader *r, const struct tp_field *f, void *row, struct tp_arena *arena)
{
    const char *from = r->p, *text;
    size_t      n;
    char        kind = '\0';
    bool        bare = f->kind == TP_F_INT || f->kind == TP_F_BOOL;

    if (f->kind == TP_F_JSON) {
        if (read_any(r, 1, &kind))
            return -1;
        if (kind == 'n')
            return 0;
        return tp_field_parse(f, from, (size_t)(r->p - from), row, arena, r->err);
    }
    if (r->end - r->p >= 4 && memcmp(r->p, "null", 4) == 0) {
        r->p += 4;
        return 0;
    }
    if (f->kind == TP_F_DEC && r->p < r->end && *r->p == '"' && plain_dec(r, f, tp_field_at(f, row)))
        return 0;
    if (bare) {
        if (read_any(r, 1, &kind))
            return -1;
        if (kind == '"' || kind == '{' || kind == '[')
            return tp_fail(r->err, TP_EINPUT, "%s: want %s", f->name,
                           f->kind == TP_F_INT ? "a whole number" : "true or false");
        return tp_field_parse(f, from, (size_t)(r->p - from), row, arena, r->err);
    }
    if (r->p == r->end || *r->p != '"') {
        if (read_any(r, 1, &kind))
            return -1;
        return tp_fail(r->err, TP_EINPUT, "%s: want a string%s", f->name,
                       f->kind == TP_F_DEC ? " (a decimal stands in quotes)" : "");
    }
    if (read_string(r, &text, &n))
        return -1;
    return tp_field_parse(f, text, n, row, arena, r->err);
}

/* The value of "type": whether it names this record. */
static int
read_type(struct reader *r, const struct tp_record *record, bool *seen)
{
    const char *text;
    size_t      n;

    if (*seen)
        return bad_json(r, "the key 'type' stands twice");
    *seen = true;
    skip_blanks(r);
    if (read_string(r, &text, &n))
        return -1;
    return strlen(record->type) == n && memcmp(record->type, text, n) == 0;
}

static int
unknown_key(struct reader *r, const struct tp_record *record, const char *key, size_t n)
{
    const char *names[256], *near; /* as many as read_object has bits for */
    size_t      count = 0;
    char        safe[80];

    for (const struct tp_field *f = record->fields; f->kind != TP_F_STOP; f++)
        names[count++] = f->name;
    names[count] = NULL;
    tp_text_safe(safe, sizeof safe, key, n);
    near = tp_text_nearest(safe, names);
    return near ? tp_fail(r->err, TP_EINPUT, "%s: there is no such field; did you mean %s?", safe, near)
                : tp_fail(r->err, TP_EINPUT, "%s: there is no such field", safe);
}

/* What a reader of an object has come to. */
struct progress {
    const struct tp_field *guess; /* the field behind the last one */
    uint64_t               seen[4]; /* a bit per field */
    bool                   typed;
};

/* The value of a field behind its colon. */
static inline int
read_value(struct reader *r, const struct tp_record *record, const struct tp_field *f, struct progress *g, void *row,
           struct tp_arena *arena)
{
    size_t index = (size_t)(f - record->fields);

    skip_blanks(r);
    assert(index < 256);
    if (g->seen[index / 64] >> (index % 64) & 1) {
        bad_json(r, "the key stands twice");
        return tp_where(r->err, "%s", f->name);
    }
    g->seen[index / 64] |= (uint64_t)1 << (index % 64);
    g->guess = f + 1;
    return read_field(r, f, row, arena);
}

/* One key and its value: 1, 0 when the type is another one, -1. */
static int
read_member(struct reader *r, const struct tp_record *record, struct progress *g, void *row, struct tp_arena *arena)
{
    const struct tp_field *f;
    const char            *key;
    size_t                 n;
    char                   kind = '\0';
    bool                   is_type;

    skip_blanks(r);
    if (read_string(r, &key, &n))
        return -1;
    f = field_named(record, key, n);
    is_type = !f && n == 4 && memcmp(key, "type", 4) == 0;
    if (expect(r, ':', "want ':'"))
        return -1;
    if (is_type)
        return read_type(r, record, &g->typed);
    if (!f && r->strict)
        return unknown_key(r, record, key, n);
    if (!f)
        return read_any(r, 1, &kind) ? -1 : 1;
    return read_value(r, record, f, g, row, arena) ? -1 : 1;
}

/* Passes over this record's type as it stands in a line of ours. */
static bool
typed(struct reader *r, const struct tp_record *record)
{
    static const char key[] = "\"type\":\"";
    size_t            n = strlen(record->type), before = sizeof key - 1;

    if ((size_t)(r->end - r->p) < before + n + 1 || memcmp(r->p, key, before) != 0
        || memcmp(r->p + before, record->type, n) != 0 || r->p[before + n] != '"')
        return false;
    r->p += before + n + 1;
    return true;
}

static int
read_object(struct reader *r, const struct tp_record *record, void *row, struct tp_arena *arena)
{
    struct progress g = {.guess = record->fields};
    int             got;

    if (expect(r, '{', "want an object"))
        return -1;
    skip_blanks(r);
    if (r->p < r->end && *r->p == '}') {
        r->p++;
        return 1;
    }
    g.typed = typed(r, record);
    for (got = g.typed;; got = 0) {
        if (!got)
            got = read_member(r, record, &g, row, arena);
        if (got <= 0)
            return got;
        while (follows(r, g.guess))
            if (read_value(r, record, g.guess, &g, row, arena))
                return -1;
        skip_blanks(r);
        if (r->p < r->end && *r->p == '}') {
            r->p++;
            return 1;
        }
        if (expect(r, ',', "want ',' or '}'"))
            return -1;
    }
}

static int
parse(struct reader r, const struct tp_record *record, void *row, struct tp_arena *arena)
{
    int           got;

    tp_record_init(record, row);
    got = read_object(&r, record, row, arena);
    if (got > 0) {
        skip_blanks(&r);
        if (r.p != r.end)
            got = bad_json(&r, "something follows the object");
    }
    tp_buf_free(&r.text);
    if (got <= 0)
        return got;
    for (const struct tp_field *f = record->fields; f->kind != TP_F_STOP; f++)
        if (f->required && tp_field_null(f, row))
            return tp_fail(r.err, TP_EINPUT, "%s: a %s needs it", f->name, record->type);
    return 1;
}

int
tp_record_parse(const struct tp_record *record, const char *line, size_t n, void *row,
                struct tp_arena *arena, struct tp_err *err)
{
    return parse((struct reader){.start = line, .p = line, .end = line + n, .err = err}, record, row, arena);
}

int
tp_record_parse_strict(const struct tp_record *record, const char *line, size_t n, void *row,
                       struct tp_arena *arena, struct tp_err *err)
{
    return parse((struct reader){.start = line, .p = line, .end = line + n, .err = err, .strict = true}, record,
                 row, arena);
}

int
tp_record_type(const char *line, size_t n, char *out, size_t size, struct tp_err *err)
{
    struct reader r = {.start = line, .p = line, .end = line + n, .err = err};
    const char   *key, *text;
    size_t        len;
    int           rc = -1;
    char          kind;

    out[0] = '\0';
    if (expect(&r, '{', "want an object"))
        return -1;
    for (;;) {
        bool is_type;

        skip_blanks(&r);
        if (r.p < r.end && *r.p == '}') {
            rc = 0;
            break;
        }
        if (read_string(&r, &key, &len))
            break;
        is_type = len == 4 && memcmp(key, "type", 4) == 0;
        if (expect(&r, ':', "want ':'"))
            break;
        skip_blanks(&r);
        if (is_type && r.p < r.end && *r.p == '"') {
            rc = read_string(&r, &text, &len);
            if (!rc && !tp_text_set(out, size, text, len))
                out[0] = '\0';
            break;
        }
        if (read_any(&r, 1, &kind))
            break;
        skip_blanks(&r);
        if ((r.p == r.end || *r.p != '}') && expect(&r, ',', "want ',' or '}'"))
            break;
    }
    tp_buf_free(&r.text);
    return rc;
}
