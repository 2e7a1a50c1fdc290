#include "migrate/migration.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/banned.h"
#include "base/crypt.h"

/* ---- records --------------------------------------------------------------------------------------- */

static const struct tp_field row_fields[] = {
    F_TEXT(struct tp_migration_row, name, "file name without its suffixes"),
    F_INT(struct tp_migration_row, version, "number of the file; null for a repeatable one"),
    F_TEXT(struct tp_migration_row, hash, "h1: and the SHA-256 of the file without line-end differences"),
    F_TEXT(struct tp_migration_row, state, "applied, partial or baseline"),
    F_TIME(struct tp_migration_row, applied_at, "when it was applied"),
    F_TEXT(struct tp_migration_row, applied_by, "database role"),
    F_TEXT(struct tp_migration_row, tool_version, "version of tp-db"),
    F_INT(struct tp_migration_row, duration_ms, "milliseconds it took"),
    F_INT(struct tp_migration_row, statements_total, "statements of a file outside one transaction"),
    F_INT(struct tp_migration_row, statements_done, "how many of them are done"),
    F_STOP,
};

const struct tp_record tp_migration_record = {"migration", "an applied migration", row_fields,
                                              sizeof(struct tp_migration_row)};

const char *const tp_migration_statuses[] = {"applied", "pending", "edited", "changed",
                                             "partial", "missing", "gap",    NULL};

static const struct tp_field line_fields[] = {
    F_TEXT(struct tp_migration_line, name, "file name without its suffixes"),
    F_TEXT(struct tp_migration_line, status,
           "applied, pending, edited, changed, partial, missing or gap",
           .choices = tp_migration_statuses),
    F_TIME(struct tp_migration_line, applied_at, "when it was applied"),
    F_TEXT(struct tp_migration_line, applied_by, "database role"),
    F_INT(struct tp_migration_line, duration_ms, "milliseconds it took"),
    F_STOP,
};

const struct tp_record tp_migration_line_record = {"migration_status",
                                                   "a migration file against the history", line_fields,
                                                   sizeof(struct tp_migration_line)};

/* ---- files ----------------------------------------------------------------------------------------- */

static bool
ends_with(const char *text, size_t n, const char *tail, size_t *left)
{
    size_t m = strlen(tail);

    if (n <= m || memcmp(text + n - m, tail, m) != 0)
        return false;
    *left = n - m;
    return true;
}

/* The part of a name before .up.sql, .down.sql, .verify.sql or .sql, and which of them it is. */
static bool
part_of(const char *file, size_t *base, char *part)
{
    size_t n = strlen(file);

    if (ends_with(file, n, ".down.sql", base))
        *part = 'd';
    else if (ends_with(file, n, ".verify.sql", base))
        *part = 'v';
    else if (ends_with(file, n, ".up.sql", base))
        *part = 'u';
    else if (ends_with(file, n, ".sql", base))
        *part = 'r';
    else
        return false;
    return true;
}

/* NNNN_name or R__name of letters, digits and underscores; the version, 0 for a repeatable, -1. */
static int64_t
version_of(const char *name, size_t n, char part)
{
    int64_t version = 0;

    for (size_t i = 0; i < n; i++)
        if (!isalnum((unsigned char)name[i]) && name[i] != '_')
            return -1;
    if (n > 3 && memcmp(name, "R__", 3) == 0)
        return part == 'u' ? -1 : 0;
    if (n < 6 || part == 'r')
        return -1;
    for (size_t i = 0; i < 4; i++) {
        if (!isdigit((unsigned char)name[i]))
            return -1;
        version = version * 10 + (name[i] - '0');
    }
    return name[4] == '_' && version > 0 ? version : -1;
}

/* Without the byte order mark and with LF line ends, so that a checkout cannot change the hash. */
static const char *
normalised(struct tp_arena *arena, const char *text, size_t n, size_t *out_n)
{
    char  *copy, *to;
    size_t i = 0;

    if (n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        i = 3;
    copy = to = tp_arena_get(arena, n + 1);
    for (; i < n; i++)
        if (text[i] != '\r' || i + 1 == n || text[i + 1] != '\n')
            *to++ = text[i];
    *to = '\0';
    *out_n = (size_t)(to - copy);
    return copy;
}

static int
header(struct tp_migration *m, const char *line, size_t n, struct tp_err *err)
{
    const char *equals = memchr(line, '=', n);
    size_t      key = equals ? (size_t)(equals - line) : n;
    const char *value = equals ? equals + 1 : line + n;
    size_t      left = n - (size_t)(value - line);
    char        safe[80];

    if (key == 11 && memcmp(line, "transaction", 11) == 0 && left == 5 && memcmp(value, "false", 5) == 0) {
        m->transaction = false;
        return 0;
    }
    if (key == 12 && memcmp(line, "irreversible", 12) == 0 && !equals) {
        m->irreversible = true;
        return 0;
    }
    if (key == 12 && memcmp(line, "lock_timeout", 12) == 0) {
        int64_t unit = 0;

        if (ends_with(value, left, "ms", &left))
            unit = 1;
        else if (ends_with(value, left, "s", &left))
            unit = 1000;
        if (unit && tp_text_int(value, left, 1, 600000, &m->lock_timeout_ms)) {
            m->lock_timeout_ms *= unit;
            return 0;
        }
    }
    return tp_fail(err, TP_EINPUT, "%s: unknown header '-- tp: %s'", m->name,
                   tp_text_safe(safe, sizeof safe, line, n));
}

/* Header lines stand before the first line that is not a comment. */
static int
read_headers(struct tp_migration *m, struct tp_err *err)
{
    const char *p = m->up;

    while (p[0] == '-' && p[1] == '-') {
        size_t n = strcspn(p, "\n");

        if (n > 7 && memcmp(p, "-- tp: ", 7) == 0 && header(m, p + 7, n - 7, err))
            return -1;
        p += n + (p[n] == '\n');
    }
    return 0;
}

static struct tp_migration *
find(struct tp_migrations *set, const char *name, size_t n)
{
    struct tp_migration *m;

    for (size_t i = 0; i < set->n; i++)
        if (strlen(set->at[i].name) == n && memcmp(set->at[i].name, name, n) == 0)
            return &set->at[i];
    set->at = tp_realloc(set->at, (set->n + 1) * sizeof *set->at);
    m = &set->at[set->n++];
    *m = (struct tp_migration){.transaction = true, .lock_timeout_ms = -1};
    tp_text_set(m->name, sizeof m->name, name, n);
    return m;
}

int
tp_migrations_add(struct tp_migrations *set, const char *file, const char *text, size_t n,
                  struct tp_err *err)
{
    struct tp_migration *m;
    const char         **slot, *copy;
    size_t               base, copied;
    int64_t              version;
    char                 part, safe[160], hex[TP_SHA256_TEXT];

    if (!part_of(file, &base, &part))
        return 0;
    version = version_of(file, base, part);
    if (version < 0 || base >= sizeof m->name) {
        tp_fail(err, TP_EINPUT, "'%s' is not the name of a migration",
                tp_text_safe(safe, sizeof safe, file, strlen(file)));
        return tp_hint(err, "want NNNN_name.up.sql, .down.sql, .verify.sql or R__name.sql");
    }
    if (memchr(text, '\0', n) || !tp_text_utf8(text, n))
        return tp_fail(err, TP_EINPUT, "%s: invalid UTF-8 or a NUL byte", file);
    m = find(set, file, base);
    m->version = version;
    slot = part == 'd' ? &m->down : part == 'v' ? &m->verify : &m->up;
    if (*slot)
        return tp_fail(err, TP_EINPUT, "%s: there twice", file);
    *slot = copy = normalised(&set->arena, text, n, &copied);
    if (slot != &m->up)
        return 0;
    tp_sha256_text(copy, copied, hex);
    memcpy(m->hash, "h1:", 3);
    memcpy(m->hash + 3, hex, sizeof hex);
    return read_headers(m, err);
}

static int
in_order(const void *a, const void *b)
{
    const struct tp_migration *x = a, *y = b;
    int64_t                    vx = x->version ? x->version : INT64_MAX;
    int64_t                    vy = y->version ? y->version : INT64_MAX;

    return vx != vy ? (vx > vy) - (vx < vy) : strcmp(x->name, y->name);
}

int
tp_migrations_end(struct tp_migrations *set, struct tp_err *err)
{
    if (set->n)
        qsort(set->at, set->n, sizeof *set->at, in_order);
    for (size_t i = 0; i < set->n; i++) {
        const struct tp_migration *m = &set->at[i];

        if (!m->up)
            return tp_fail(err, TP_EINPUT, "%s has no %s file", m->name, m->version ? ".up.sql" : ".sql");
        if (i && m->version && m->version == set->at[i - 1].version)
            return tp_fail(err, TP_EINPUT, "%s and %s have the same number", set->at[i - 1].name, m->name);
    }
    return 0;
}

int
tp_migrations_embedded(struct tp_migrations *set, struct tp_err *err)
{
    for (const struct tp_embedded *e = tp_embedded_migrations; e->name; e++)
        if (tp_migrations_add(set, e->name, e->text, strlen(e->text), err))
            return -1;
    for (size_t i = 0; i < set->n; i++)
        set->at[i].embedded = true;
    return tp_migrations_end(set, err);
}

void
tp_migrations_free(struct tp_migrations *set)
{
    free(set->at);
    tp_arena_free(&set->arena);
    *set = (struct tp_migrations){0};
}

/* ---- files against history ---------------------------------------------------------------------------- */

static const struct tp_migration_row *
row_of(const struct tp_migration_row *rows, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

static enum tp_migration_status
judge(const struct tp_migration *m, const struct tp_migration_row *row, int64_t newest)
{
    if (!row)
        return m->version && m->version < newest ? TP_MIGRATION_GAP : TP_MIGRATION_PENDING;
    if (strcmp(row->state, "partial") == 0)
        return TP_MIGRATION_PARTIAL;
    if (strcmp(row->hash, m->hash) != 0)
        return m->version ? TP_MIGRATION_EDITED : TP_MIGRATION_CHANGED;
    return TP_MIGRATION_APPLIED;
}

void
tp_migrations_compare(const struct tp_migrations *set, const struct tp_migration_row *rows,
                      size_t n_rows, struct tp_migration_line **lines, size_t *n_lines)
{
    struct tp_migration_line *line = tp_alloc((set->n + n_rows) * sizeof *line);
    int64_t                   newest = 0;

    *lines = line;
    for (size_t i = 0; i < n_rows; i++)
        if (rows[i].version > newest)
            newest = rows[i].version;
    for (size_t i = 0; i < set->n; i++, line++) {
        const struct tp_migration_row *row = row_of(rows, n_rows, set->at[i].name);

        tp_record_init(&tp_migration_line_record, line);
        line->file = &set->at[i];
        line->is = judge(&set->at[i], row, newest);
        memcpy(line->name, set->at[i].name, sizeof line->name);
        if (row) {
            line->applied_at = row->applied_at;
            line->duration_ms = row->duration_ms;
            memcpy(line->applied_by, row->applied_by, sizeof line->applied_by);
        }
    }
    for (size_t i = 0; i < n_rows; i++) {
        bool known = false;

        for (size_t k = 0; k < set->n && !known; k++)
            known = strcmp(set->at[k].name, rows[i].name) == 0;
        if (known)
            continue;
        tp_record_init(&tp_migration_line_record, line);
        line->is = TP_MIGRATION_MISSING;
        memcpy(line->name, rows[i].name, sizeof line->name);
        line->applied_at = rows[i].applied_at;
        line++;
    }
    *n_lines = (size_t)(line - *lines);
    for (line = *lines; line < *lines + *n_lines; line++) {
        const char *word = tp_migration_statuses[line->is];

        tp_text_set(line->status, sizeof line->status, word, strlen(word));
    }
}
