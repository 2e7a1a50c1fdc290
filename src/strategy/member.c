/* One member of a document: expressions, numbers, words, names. */
#include "strategy/compiled.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

static const char *
text_of(const json_t *v, char room[64])
{
    if (json_is_string(v))
        return json_string_value(v);
    if (json_is_true(v) || json_is_false(v))
        return json_is_true(v) ? "true" : "false";
    if (json_is_integer(v)) {
        snprintf(room, 64, "%lld", (long long)json_integer_value(v));
        return room;
    }
    return NULL;
}

void
tp_member_said(struct tp_compiled *c, const char *path, const char *key, int node)
{
    struct tp_said *said = &c->base.said[c->base.n_said];

    if (c->base.n_said == TP_COUNT(c->base.said))
        return;
    snprintf(said->path, sizeof said->path, "%s%s%s", path, *key ? "." : "", key);
    said->node = node;
    c->base.n_said++;
}

void
tp_member_cannot_run(struct tp_compiled *c, const char *path, const char *why)
{
    if (!c->base.cannot_run[0])
        snprintf(c->base.cannot_run, sizeof c->base.cannot_run, "%s: %s", path, why);
}

int
tp_member_expression(struct tp_compiled *c, const json_t *object, const char *path, const char *key,
                     enum tp_expr_type type, int *node, struct tp_err *err)
{
    const json_t *v = json_object_get(object, key);
    char          room[64];
    const char   *text;

    *node = -1;
    if (!v)
        return 0;
    text = text_of(v, room);
    if (!text)
        return tp_fail(err, TP_EINPUT, "%s.%s: want an expression", path, key);
    if (tp_expr_parse(&c->expr, text, type, node, err))
        return tp_where(err, "%s.%s", path, key);
    tp_member_said(c, path, key, *node);
    if (type != TP_EXPR_ANY) /* a variable counts where it is named */
        tp_expr_want(&c->expr, *node);
    return 0;
}

int
tp_member_number(struct tp_compiled *c, const json_t *object, const char *path, const char *key, double fallback,
                 double *out, struct tp_err *err)
{
    const json_t *v = json_object_get(object, key);
    char          room[64];
    const char   *text;

    *out = fallback;
    if (!v)
        return 0;
    text = text_of(v, room);
    if (!text)
        return tp_fail(err, TP_EINPUT, "%s.%s: want a number", path, key);
    if (tp_expr_constant(&c->expr, text, out, err))
        return tp_where(err, "%s.%s", path, key);
    return 0;
}

int
tp_member_count(struct tp_compiled *c, const json_t *object, const char *path, const char *key, int64_t *out,
                struct tp_err *err)
{
    double v;

    if (tp_member_number(c, object, path, key, 0, &v, err))
        return -1;
    if (!(v >= 0 && v <= 1e9) || v > floor(v))
        return tp_fail(err, TP_EINPUT, "%s.%s: want a whole number from 0", path, key);
    *out = (int64_t)v;
    return 0;
}

int
tp_member_keys(const json_t *object, const char *path, const char *const *known, struct tp_err *err)
{
    const char *key;
    json_t     *value;

    if (object && !json_is_object(object))
        return tp_fail(err, TP_EINPUT, "%s: want an object", path);
    json_object_foreach((json_t *)(uintptr_t)object, key, value) {
        const char *near;

        if (tp_text_in(key, known))
            continue;
        near = tp_text_nearest(key, known);
        if (near)
            return tp_fail(err, TP_EINPUT, "%s: unknown key '%.60s', did you mean '%s'?", path, key, near);
        return tp_fail(err, TP_EINPUT, "%s: unknown key '%.60s'", path, key);
    }
    return 0;
}

int
tp_member_name(const char *path, const char *name, struct tp_err *err)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    static const char all[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    size_t            n = strlen(name);

    if (n == 0 || n >= sizeof ((struct tp_name *)NULL)->name || !strchr(letters, name[0]) || strspn(name, all) != n)
        return tp_fail(err, TP_EINPUT, "%s: want a name of letters, digits and '_', not '%.60s'", path, name);
    return 0;
}

int
tp_member_plain(const json_t *v, const char *path, struct tp_dec *out, struct tp_err *err)
{
    char        room[64];
    const char *text = text_of(v, room);

    if (!text || json_is_boolean(v))
        return tp_fail(err, TP_EINPUT, "%s: want a number", path);
    return tp_dec_parse(text, strlen(text), out, err) ? tp_where(err, "%s", path) : 0;
}

int
tp_member_word(const json_t *object, const char *path, const char *key, const char *const *words, int fallback,
               struct tp_err *err)
{
    const json_t *v = json_object_get(object, key);
    const char   *near;

    if (!v)
        return fallback;
    for (int i = 0; words[i]; i++)
        if (json_is_string(v) && strcmp(json_string_value(v), words[i]) == 0)
            return i;
    near = json_is_string(v) ? tp_text_nearest(json_string_value(v), words) : NULL;
    tp_fail(err, TP_EINPUT, "%s.%s: want %s, %s%s%s%s%s", path, key, words[0], words[1], words[2] ? ", " : "",
            words[2] ? words[2] : "", words[2] && words[3] ? ", " : "", words[2] && words[3] ? words[3] : "");
    return near ? tp_hint(err, "did you mean '%s'?", near) : -1;
}

int
tp_member_text(const json_t *object, const char *path, const char *key, bool needed, struct tp_err *err)
{
    const json_t *v = json_object_get(object, key);
    size_t        n = json_is_string(v) ? json_string_length(v) : 0;

    if (!v && !needed)
        return 0;
    if (n == 0 || n > 100)
        return tp_fail(err, TP_EINPUT, "%s.%s: want a text of 1 to 100 bytes", path, key);
    return 0;
}
