#include "base/json.h"

#include <string.h>

#include "base/banned.h"

void
tp_cleanup_json(json_t **j)
{
    json_decref(*j);
}

static int
parse(const char *text, size_t n, json_t **out, struct tp_err *err)
{
    json_error_t problem;
    int          depth = 0;
    bool         quoted = false;

    /* jansson's own limit is 2,048 levels; ours is checked before it recurses. */
    for (size_t i = 0; i < n; i++) {
        if (quoted) {
            if (text[i] == '\\')
                i++;
            else if (text[i] == '"')
                quoted = false;
        } else if (text[i] == '"') {
            quoted = true;
        } else if ((text[i] == '{' || text[i] == '[') && ++depth > TP_JSON_DEPTH) {
            return tp_fail(err, TP_EINPUT, "byte %zu: more than %d levels of nesting", i + 1, TP_JSON_DEPTH);
        } else if (text[i] == '}' || text[i] == ']') {
            depth--;
        }
    }
    *out = json_loadb(text, n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &problem);
    if (!*out)
        /* jansson's own sentence quotes the text, which may hold a secret: only the place is told. */
        return tp_fail(err, TP_EINPUT, "line %d column %d: not valid JSON", problem.line, problem.column);
    return 0;
}

int
tp_json_parse(const char *text, size_t n, json_t **out, struct tp_err *err)
{
    return parse(text, n, out, err);
}

static bool
number_byte(char c)
{
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

/* The grammar of a JSON number: -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)? */
static bool
is_number(const char *p, size_t n)
{
    const char *end = p + n, *from;

    if (p < end && *p == '-')
        p++;
    from = p;
    while (p < end && *p >= '0' && *p <= '9')
        p++;
    if (p == from || (*from == '0' && p - from > 1))
        return false;
    if (p < end && *p == '.') {
        from = ++p;
        while (p < end && *p >= '0' && *p <= '9')
            p++;
        if (p == from)
            return false;
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        if (p < end && (*p == '+' || *p == '-'))
            p++;
        from = p;
        while (p < end && *p >= '0' && *p <= '9')
            p++;
        if (p == from)
            return false;
    }
    return p == end;
}

static bool
before_colon(const char *p, size_t n)
{
    size_t i = 0;

    while (i < n && (p[i] == ' ' || p[i] == '\t' || p[i] == '\n' || p[i] == '\r'))
        i++;
    return i < n && p[i] == ':';
}

int
tp_json_parse_foreign(const char *text, size_t n, json_t **out, struct tp_err *err)
{
    TP_AUTO_BUF quoted = {0};
    bool        in_string = false;

    tp_buf_reserve(&quoted, n + n / 4 + 64);
    for (size_t i = 0; i < n;) {
        size_t from = i;

        if (in_string) {
            while (i < n && text[i] != '"')
                i += text[i] == '\\' && i + 1 < n ? 2 : 1;
            if (i < n) {
                i++;
                in_string = false;
            }
            tp_buf_put(&quoted, text + from, i - from);
        } else if (text[i] == '-' || (text[i] >= '0' && text[i] <= '9')) {
            bool number;

            while (i < n && number_byte(text[i]))
                i++;
            /* What is not a JSON number, or stands where a key must, stays bare: the parser refuses it. */
            number = is_number(text + from, i - from) && !before_colon(text + i, n - i);
            if (number)
                tp_buf_char(&quoted, '"');
            tp_buf_put(&quoted, text + from, i - from);
            if (number)
                tp_buf_char(&quoted, '"');
        } else {
            in_string = text[i] == '"';
            tp_buf_char(&quoted, text[i++]);
        }
    }
    return parse(quoted.n ? quoted.at : "", quoted.n, out, err);
}

int
tp_json_object(const char *text, struct tp_err *err)
{
    TP_AUTO_JSON j = NULL;

    if (tp_json_parse(text, strlen(text), &j, err))
        return -1;
    return json_is_object(j) ? 0 : tp_fail(err, TP_EINPUT, "want a JSON object");
}

void
tp_json_print(const json_t *j, struct tp_buf *to)
{
    char *text = json_dumps(j, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);

    if (text) {
        tp_buf_text(to, text);
        free(text);
    }
}

const char *
tp_json_text(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

int
tp_json_dec(const json_t *object, const char *key, struct tp_dec *out, struct tp_err *err)
{
    const json_t *j = json_object_get(object, key);
    const char   *text = json_string_value(j);

    *out = TP_DEC_NONE;
    if (!j || json_is_null(j) || (text && !*text))
        return 0;
    if (!text)
        return tp_fail(err, TP_EINPUT, "%s: want a decimal", key);
    if (tp_dec_parse_foreign(text, strlen(text), out, err))
        return tp_where(err, "%s", key);
    return 0;
}

int
tp_json_int(const json_t *object, const char *key, int64_t *out, struct tp_err *err)
{
    const json_t *j = json_object_get(object, key);
    const char   *text = json_string_value(j);

    *out = INT64_MIN;
    if (!j || json_is_null(j))
        return 0;
    if (json_is_integer(j)) {
        *out = json_integer_value(j);
        return 0;
    }
    if (!text || !tp_text_int(text, strlen(text), INT64_MIN + 1, INT64_MAX, out))
        return tp_fail(err, TP_EINPUT, "%s: want a whole number", key);
    return 0;
}
