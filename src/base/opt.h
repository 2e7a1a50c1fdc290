/* One table of options per command: parsing, help, manual page and completions come from it. */
#ifndef TP_BASE_OPT_H
#define TP_BASE_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/dec.h"
#include "base/err.h"
#include "base/time.h"
#include "base/uuid.h"

enum tp_opt_kind {
    TP_OPT_STOP, /* ends a table */
    TP_OPT_FLAG, /* bool: present or not */
    TP_OPT_TEXT, /* const char *, NULL when absent; points into argv or the table */
    TP_OPT_LIST, /* struct tp_opt_list: may be given again and again; of NAME=VALUE each name once */
    TP_OPT_ENUM, /* const char *, one of choices */
    TP_OPT_INT,  /* int64_t within min and max */
    TP_OPT_DEC,  /* struct tp_dec, TP_DEC_NONE when absent */
    TP_OPT_TIME, /* struct tp_time, TP_TIME_NONE when absent */
    TP_OPT_UUID  /* struct tp_uuid, nil when absent */
};

struct tp_opt_list {
    const char **at; /* owned by tp_main until the command returns */
    size_t       n;
};

#define TP_INT_NONE INT64_MIN /* an OPT_INT without fallback that was not given */

struct tp_opt {
    enum tp_opt_kind   kind;
    char               letter;   /* 0: none */
    const char        *name;     /* long name without dashes */
    const char        *value;    /* what the help calls its value; NULL for flags */
    size_t             at;       /* offset in the command's argument struct */
    const char *const *choices;  /* ENUM: the words, NULL-ended */
    int64_t            min, max; /* INT */
    const char        *help;     /* effect, lower case, no full stop */
    const char        *fallback; /* value when not given, as text */
    bool               required;
    const char        *env;      /* environment variable asked when the option is absent */
    const char        *config;   /* key of the configuration file asked after that */
    const char        *complete; /* what a shell offers: file, dir, exchange, symbol, strategy */
};

/* The field's address is compared with a pointer of the right type, so a table that names a field of
 * another type does not compile. */
#define TP_OPT_AT(type, field, want) (offsetof(type, field) + 0 * sizeof((want *)0 == &((type *)0)->field))

#define OPT_FLAG(type, field, l, n, ...)                                                           \
    {.kind = TP_OPT_FLAG, .letter = l, .name = n, .at = TP_OPT_AT(type, field, bool), .help = __VA_ARGS__}
#define OPT_TEXT(type, field, l, n, v, ...)                                                        \
    {.kind = TP_OPT_TEXT, .letter = l, .name = n, .value = v,                                      \
     .at = TP_OPT_AT(type, field, const char *), .help = __VA_ARGS__}
#define OPT_LIST(type, field, l, n, v, ...)                                                        \
    {.kind = TP_OPT_LIST, .letter = l, .name = n, .value = v,                                      \
     .at = TP_OPT_AT(type, field, struct tp_opt_list), .help = __VA_ARGS__}
#define OPT_ENUM(type, field, l, n, words, ...)                                                    \
    {.kind = TP_OPT_ENUM, .letter = l, .name = n, .value = "WORD",                                 \
     .at = TP_OPT_AT(type, field, const char *), .choices = words, .help = __VA_ARGS__}
#define OPT_INT(type, field, l, n, v, lo, hi, ...)                                                 \
    {.kind = TP_OPT_INT, .letter = l, .name = n, .value = v,                                       \
     .at = TP_OPT_AT(type, field, int64_t), .min = lo, .max = hi, .help = __VA_ARGS__}
#define OPT_DEC(type, field, l, n, v, ...)                                                         \
    {.kind = TP_OPT_DEC, .letter = l, .name = n, .value = v,                                       \
     .at = TP_OPT_AT(type, field, struct tp_dec), .help = __VA_ARGS__}
#define OPT_TIME(type, field, l, n, ...)                                                           \
    {.kind = TP_OPT_TIME, .letter = l, .name = n, .value = "TIME",                                 \
     .at = TP_OPT_AT(type, field, struct tp_time), .help = __VA_ARGS__}
#define OPT_UUID(type, field, l, n, v, ...)                                                        \
    {.kind = TP_OPT_UUID, .letter = l, .name = n, .value = v,                                      \
     .at = TP_OPT_AT(type, field, struct tp_uuid), .help = __VA_ARGS__}
#define OPT_STOP                                                                                   \
    {                                                                                              \
        .kind = TP_OPT_STOP                                                                        \
    }

/* A table and the (zeroed) struct that its values go to. */
struct tp_opt_target {
    const struct tp_opt *table;
    void                *args;
};

/* Reads argv[0..argc).  Options and operands may be mixed; "--" ends the options; operands are
 * collected in operands (room for argc).  Long names are not abbreviated.  given has one mark per
 * option over all tables in order, false at first.  -1 with TP_EUSAGE. */
int tp_opt_parse(const struct tp_opt_target *targets, size_t n_targets, int argc, char **argv,
                 const char **operands, size_t *n_operands, bool *given, struct tp_err *err);

/* Asked for options that the command line left out: the configured value of a key, or NULL.  tp_main
 * hands in the configuration file's reader. */
typedef const char *tp_opt_config(const void *config, const char *key);

/* Fills what was not given from the environment, the configuration and the fallbacks; checks
 * `required`.  Call after tp_opt_parse on the same targets. */
int tp_opt_defaults(const struct tp_opt_target *targets, size_t n_targets, const bool *given,
                    tp_opt_config *lookup, const void *config, struct tp_err *err);

/* Where the value of an option that the command line left out comes from: the environment, the
 * configuration (lookup may be NULL), the fallback, or nowhere. */
enum tp_opt_origin { TP_FROM_NOWHERE, TP_FROM_DEFAULT, TP_FROM_CONFIG, TP_FROM_ENVIRONMENT };
enum tp_opt_origin tp_opt_origin(const struct tp_opt *o, tp_opt_config *lookup, const void *config,
                                 const char **text);

void tp_opt_free(const struct tp_opt_target *targets, size_t n_targets); /* frees the lists */
/* The table as help lines, at most 95 columns. */
void tp_opt_help(const struct tp_opt *table, FILE *to);
/* Tab-separated lines: "option", command, letter, name, value, choices, fallback, complete, env, help. */
void tp_opt_dump(const char *command, const struct tp_opt *table, FILE *to);
/* Finds mistakes in a table (a name twice, no help, a final full stop); NULL when it is sound. */
const char *tp_opt_check(const struct tp_opt *table);

/* Reads one value as an option of that kind would be read; used by tests and by --set KNOB=VALUE. */
int tp_opt_value(const struct tp_opt *o, const char *text, void *field, struct tp_err *err);

#endif
