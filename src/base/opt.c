#include "base/opt.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/banned.h"
#include "base/text.h"

static bool *
flag_at(const struct tp_opt *o, void *args)
{
    return (bool *)((char *)args + o->at);
}

int
tp_opt_value(const struct tp_opt *o, const char *text, void *field, struct tp_err *err)
{
    size_t              n = strlen(text);
    struct tp_opt_list *list;
    char                safe[64];

    switch (o->kind) {
    case TP_OPT_STOP:
        return 0;
    case TP_OPT_FLAG:
        if (strcmp(text, "true") == 0 || strcmp(text, "1") == 0)
            *(bool *)field = true;
        else if (strcmp(text, "false") == 0 || strcmp(text, "0") == 0)
            *(bool *)field = false;
        else
            return tp_fail(err, TP_EUSAGE, "--%s: want true or false, not '%s'", o->name,
                           tp_text_safe(safe, sizeof safe, text, n));
        return 0;
    case TP_OPT_TEXT:
        *(const char **)field = text;
        return 0;
    case TP_OPT_LIST:
        list = field;
        list->at = tp_realloc(list->at, (list->n + 1) * sizeof *list->at);
        list->at[list->n++] = text;
        return 0;
    case TP_OPT_ENUM:
        if (!tp_text_in(text, o->choices)) {
            const char *near = tp_text_nearest(text, o->choices);
            TP_AUTO_BUF words = {0};

            for (size_t i = 0; o->choices[i]; i++)
                tp_buf_fmt(&words, "%s%s", i ? ", " : "", o->choices[i]);
            tp_fail(err, TP_EUSAGE, "--%s: want one of %s, not '%s'", o->name, words.at,
                    tp_text_safe(safe, sizeof safe, text, n));
            return near ? tp_hint(err, "did you mean '%s'?", near) : -1;
        }
        *(const char **)field = text;
        return 0;
    case TP_OPT_INT:
        if (!tp_text_int(text, n, o->min, o->max, field))
            return tp_fail(err, TP_EUSAGE, "--%s: want a whole number from %lld to %lld, not '%s'",
                           o->name, (long long)o->min, (long long)o->max,
                           tp_text_safe(safe, sizeof safe, text, n));
        return 0;
    case TP_OPT_DEC:
        if (tp_dec_parse(text, n, field, err))
            break;
        return 0;
    case TP_OPT_TIME:
        if (tp_time_parse(text, n, field, err))
            break;
        return 0;
    case TP_OPT_UUID:
        if (tp_uuid_parse(text, n, field, err))
            break;
        return 0;
    }
    return tp_usage(err, "--%s", o->name);
}

/* The option of that name (len bytes) or letter, and whose target it is. */
static const struct tp_opt *
find(const struct tp_opt_target *targets, size_t n_targets, const char *name, size_t len, char letter,
     size_t *target)
{
    for (size_t t = 0; t < n_targets; t++)
        for (const struct tp_opt *o = targets[t].table; o && o->kind != TP_OPT_STOP; o++)
            if (letter ? o->letter == letter
                       : strlen(o->name) == len && memcmp(o->name, name, len) == 0) {
                *target = t;
                return o;
            }
    return NULL;
}

static int
unknown(const struct tp_opt_target *targets, size_t n_targets, const char *arg, size_t len,
        struct tp_err *err)
{
    const char *names[256];
    size_t      n = 0;
    char        safe[64], text[64];
    const char *near;

    for (size_t t = 0; t < n_targets; t++)
        for (const struct tp_opt *o = targets[t].table; o && o->kind != TP_OPT_STOP; o++)
            if (n + 1 < TP_COUNT(names))
                names[n++] = o->name;
    names[n] = NULL;
    tp_text_safe(safe, sizeof safe, arg, len);
    tp_fail(err, TP_EUSAGE, "unknown option '%s'", safe);
    if (arg[0] != '-' || arg[1] != '-' || !tp_text_set(text, sizeof text, arg + 2, len - 2))
        return -1;
    near = tp_text_nearest(text, names);
    return near ? tp_hint(err, "did you mean '--%s'?", near) : -1;
}

/* The places of the "was given" marks: one after the other over all targets. */
static size_t
mark_of(const struct tp_opt_target *targets, size_t target, const struct tp_opt *o)
{
    size_t base = 0;

    for (size_t t = 0; t < target; t++)
        for (const struct tp_opt *p = targets[t].table; p && p->kind != TP_OPT_STOP; p++)
            base++;
    return base + (size_t)(o - targets[target].table);
}

/* Of NAME=VALUE, which name is set a second time?  One of the two would do nothing. */
static int
name_once(const struct tp_opt *o, const struct tp_opt_list *list, const char *text, struct tp_err *err)
{
    size_t n = strcspn(text, "=");

    for (size_t i = 0; i < list->n; i++)
        if (strncmp(list->at[i], text, n) == 0 && list->at[i][n] == '=')
            return tp_fail(err, TP_EUSAGE, "--%s: %.*s was given twice", o->name, (int)(n < 60 ? n : 60), text);
    return 0;
}

static int
take(const struct tp_opt_target *targets, size_t target, const struct tp_opt *o, const char *text,
     bool *given, struct tp_err *err)
{
    size_t mark = mark_of(targets, target, o);

    if (given[mark] && o->kind != TP_OPT_LIST && o->kind != TP_OPT_FLAG)
        return tp_fail(err, TP_EUSAGE, "--%s was given twice", o->name);
    given[mark] = true;
    if (o->kind == TP_OPT_FLAG) {
        *flag_at(o, targets[target].args) = true;
        return 0;
    }
    if (o->kind == TP_OPT_LIST && text && strchr(o->value, '=')
        && name_once(o, (const void *)((char *)targets[target].args + o->at), text, err))
        return -1;
    return tp_opt_value(o, text, (char *)targets[target].args + o->at, err);
}

static void
set_absent(const struct tp_opt *o, void *args)
{
    char *field = (char *)args + o->at;

    switch (o->kind) {
    case TP_OPT_STOP:
    case TP_OPT_FLAG:
    case TP_OPT_TEXT:
    case TP_OPT_LIST:
    case TP_OPT_ENUM:
    case TP_OPT_UUID:
        break; /* zeroed by the caller: false, NULL, empty, nil */
    case TP_OPT_INT:
        *(int64_t *)(void *)field = TP_INT_NONE;
        break;
    case TP_OPT_DEC:
        *(struct tp_dec *)(void *)field = TP_DEC_NONE;
        break;
    case TP_OPT_TIME:
        *(struct tp_time *)(void *)field = TP_TIME_NONE;
        break;
    }
}

int
tp_opt_parse(const struct tp_opt_target *targets, size_t n_targets, int argc, char **argv,
             const char **operands, size_t *n_operands, bool *given, struct tp_err *err)
{
    *n_operands = 0;
    for (size_t t = 0; t < n_targets; t++)
        for (const struct tp_opt *o = targets[t].table; o && o->kind != TP_OPT_STOP; o++)
            set_absent(o, targets[t].args);
    for (int i = 0; i < argc; i++) {
        const char          *arg = argv[i];
        const struct tp_opt *o;
        size_t               target;

        if (arg[0] != '-' || arg[1] == '\0') {
            operands[(*n_operands)++] = arg;
        } else if (strcmp(arg, "--") == 0) {
            for (i++; i < argc; i++)
                operands[(*n_operands)++] = argv[i];
        } else if (arg[1] == '-') {
            const char *equals = strchr(arg, '=');
            size_t      len = equals ? (size_t)(equals - arg) : strlen(arg);

            o = find(targets, n_targets, arg + 2, len - 2, 0, &target);
            if (!o)
                return unknown(targets, n_targets, arg, len, err);
            if (o->kind == TP_OPT_FLAG && equals)
                return tp_fail(err, TP_EUSAGE, "--%s takes no value", o->name);
            if (o->kind != TP_OPT_FLAG && !equals && i + 1 == argc)
                return tp_fail(err, TP_EUSAGE, "--%s: %s is missing", o->name, o->value);
            if (take(targets, target, o,
                     o->kind == TP_OPT_FLAG ? NULL : equals ? equals + 1 : argv[++i], given, err))
                return -1;
        } else {
            for (const char *p = arg + 1; *p; p++) {
                o = find(targets, n_targets, "", 0, *p, &target);
                if (!o)
                    return unknown(targets, n_targets, arg, strlen(arg), err);
                if (o->kind == TP_OPT_FLAG) {
                    if (take(targets, target, o, NULL, given, err))
                        return -1;
                    continue;
                }
                if (!p[1] && i + 1 == argc)
                    return tp_fail(err, TP_EUSAGE, "-%c: %s is missing", o->letter, o->value);
                if (take(targets, target, o, p[1] ? p + 1 : argv[++i], given, err))
                    return -1;
                break;
            }
        }
    }
    return 0;
}

enum tp_opt_origin
tp_opt_origin(const struct tp_opt *o, tp_opt_config *lookup, const void *config, const char **text)
{
    if (o->env && (*text = getenv(o->env)) && **text)
        return TP_FROM_ENVIRONMENT;
    if (o->config && lookup && (*text = lookup(config, o->config)))
        return TP_FROM_CONFIG;
    *text = o->fallback;
    return *text ? TP_FROM_DEFAULT : TP_FROM_NOWHERE;
}

int
tp_opt_defaults(const struct tp_opt_target *targets, size_t n_targets, const bool *given,
                tp_opt_config *lookup, const void *config, struct tp_err *err)
{
    for (size_t t = 0; t < n_targets; t++)
        for (const struct tp_opt *o = targets[t].table; o && o->kind != TP_OPT_STOP; o++) {
            const char        *text = NULL, *from;
            enum tp_opt_origin origin;

            if (given[mark_of(targets, t, o)])
                continue;
            origin = tp_opt_origin(o, lookup, config, &text);
            from = origin == TP_FROM_ENVIRONMENT ? o->env : origin == TP_FROM_CONFIG ? o->config : NULL;
            if (text && tp_opt_value(o, text, (char *)targets[t].args + o->at, err))
                return from ? tp_where(err, "%s", from) : -1;
            if (!text && o->required)
                return tp_fail(err, TP_EUSAGE, "--%s %s is required", o->name, o->value);
        }
    return 0;
}

void
tp_opt_free(const struct tp_opt_target *targets, size_t n_targets)
{
    for (size_t t = 0; t < n_targets; t++)
        for (const struct tp_opt *o = targets[t].table; o && o->kind != TP_OPT_STOP; o++)
            if (o->kind == TP_OPT_LIST) {
                struct tp_opt_list *list = (void *)((char *)targets[t].args + o->at);

                free(list->at);
            }
}

/* Prints words from column `from` on, wrapped at 95. */
static void
wrap(FILE *to, const char *text, size_t from, size_t at)
{
    while (*text) {
        size_t word = strcspn(text, " ");

        if (at > from && at + 1 + word > 95) {
            fprintf(to, "\n%*s", (int)from, "");
            at = from;
        } else if (at > from) {
            fputc(' ', to);
            at++;
        }
        fwrite(text, 1, word, to);
        at += word;
        text += word;
        text += strspn(text, " ");
    }
    fputc('\n', to);
}

void
tp_opt_help(const struct tp_opt *table, FILE *to)
{
    for (const struct tp_opt *o = table; o && o->kind != TP_OPT_STOP; o++) {
        TP_AUTO_BUF left = {0};
        TP_AUTO_BUF help = {0};

        tp_buf_fmt(&left, o->letter ? "  -%c, " : "      ", o->letter);
        tp_buf_fmt(&left, "--%s%s%s", o->name, o->value ? " " : "", o->value ? o->value : "");
        tp_buf_text(&help, o->help);
        if (o->choices) {
            tp_buf_text(&help, ":");
            for (size_t i = 0; o->choices[i]; i++)
                tp_buf_fmt(&help, " %s", o->choices[i]);
        }
        if (o->kind == TP_OPT_LIST)
            tp_buf_text(&help, " (may be repeated)");
        if (o->required)
            tp_buf_text(&help, " (required)");
        if (o->fallback)
            tp_buf_fmt(&help, " [%s]", o->fallback);
        if (o->env)
            tp_buf_fmt(&help, " (or $%s)", o->env);
        if (left.n > 28) {
            fprintf(to, "%s\n%*s", left.at, 30, "");
        } else {
            fprintf(to, "%-30s", left.at);
        }
        wrap(to, help.at, 30, 30);
    }
}

void
tp_opt_dump(const char *command, const struct tp_opt *table, FILE *to)
{
    for (const struct tp_opt *o = table; o && o->kind != TP_OPT_STOP; o++) {
        fprintf(to, "option\t%s\t%c\t%s\t%s\t", command, o->letter ? o->letter : '-', o->name,
                o->value ? o->value : "");
        for (size_t i = 0; o->choices && o->choices[i]; i++)
            fprintf(to, "%s%s", i ? " " : "", o->choices[i]);
        fprintf(to, "\t%s\t%s\t%s\t%s%s%s\n", o->fallback ? o->fallback : "",
                o->complete ? o->complete : "", o->env ? o->env : "", o->help,
                o->kind == TP_OPT_LIST ? " (may be repeated)" : "", o->required ? " (required)" : "");
    }
}

const char *
tp_opt_check(const struct tp_opt *table)
{
    for (const struct tp_opt *o = table; o && o->kind != TP_OPT_STOP; o++) {
        if (!o->name || !o->name[0])
            return "an option has no name";
        if (!o->help || !o->help[0] || o->help[strlen(o->help) - 1] == '.')
            return o->name;
        if (isupper((unsigned char)o->help[0]) && !isupper((unsigned char)o->help[1]))
            return o->name;
        if ((o->kind == TP_OPT_FLAG) == (o->value != NULL) || (o->kind == TP_OPT_ENUM) != (o->choices != NULL))
            return o->name;
        for (const struct tp_opt *p = table; p < o; p++)
            if (strcmp(p->name, o->name) == 0 || (p->letter && p->letter == o->letter))
                return o->name;
    }
    return NULL;
}
