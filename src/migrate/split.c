#include "migrate/split.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

#include "base/banned.h"

void
tp_split_init(struct tp_split *s, const char *text, size_t n)
{
    *s = (struct tp_split){.text = text, .end = text + n, .p = text, .line = 1};
}

static bool
word_byte(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

static void
step(struct tp_split *s)
{
    s->line += *s->p == '\n';
    s->p++;
}

static int
open_end(struct tp_split *s, const char *what, int line, struct tp_err *err)
{
    s->p = s->end;
    return tp_fail(err, TP_EINPUT, "line %d: %s does not end", line, what);
}

static bool
line_comment(const struct tp_split *s)
{
    return s->end - s->p > 1 && s->p[0] == '-' && s->p[1] == '-';
}

static void
pass_line_comment(struct tp_split *s)
{
    while (s->p < s->end && *s->p != '\n' && *s->p != '\r')
        s->p++;
}

/* A string goes on after blanks that hold a line end, and comments after that. */
static bool
goes_on(struct tp_split *s)
{
    struct tp_split ahead = *s;
    bool            newline = false;

    for (; ahead.p < ahead.end; step(&ahead)) {
        if (newline && line_comment(&ahead))
            pass_line_comment(&ahead);
        if (ahead.p == ahead.end || !isspace((unsigned char)*ahead.p))
            break;
        newline |= *ahead.p == '\n' || *ahead.p == '\r';
    }
    if (!newline || ahead.p == ahead.end || *ahead.p != '\'')
        return false;
    s->p = ahead.p;
    s->line = ahead.line;
    return true;
}

/* A quoted text from its opening quote on; backslashes count only in E'' strings, and in what goes on
 * such a string. */
static int
quoted(struct tp_split *s, char quote, bool escapes, struct tp_err *err)
{
    int line = s->line;

    step(s);
    while (s->p < s->end) {
        if (escapes && *s->p == '\\' && s->end - s->p > 1) {
            step(s);
        } else if (*s->p == quote) {
            if (s->end - s->p > 1 && s->p[1] == quote) {
                step(s);
            } else {
                step(s);
                if (!escapes || !goes_on(s))
                    return 0;
            }
        }
        step(s);
    }
    return open_end(s, quote == '"' ? "a quoted name" : "a string", line, err);
}

/* The length of a dollar quote's tag at p ("$$" is 2), 0 when it is not one. */
static size_t
dollar_tag(const char *p, const char *end)
{
    const char *q = p + 1;

    if (q < end && isdigit((unsigned char)*q))
        return 0;
    while (q < end && *q != '$' && word_byte(*q))
        q++;
    return q < end && *q == '$' ? (size_t)(q - p) + 1 : 0;
}

static int
dollar_quoted(struct tp_split *s, size_t tag, struct tp_err *err)
{
    const char *open = s->p;
    int         line = s->line;

    s->p += tag;
    while (s->p < s->end) {
        if (*s->p == '$' && (size_t)(s->end - s->p) >= tag && memcmp(s->p, open, tag) == 0) {
            s->p += tag;
            return 0;
        }
        step(s);
    }
    return open_end(s, "a dollar-quoted string", line, err);
}

static int
block_comment(struct tp_split *s, struct tp_err *err)
{
    int depth = 0, line = s->line;

    while (s->p < s->end) {
        if (s->end - s->p > 1 && s->p[0] == '/' && s->p[1] == '*') {
            depth++;
            s->p += 2;
        } else if (s->end - s->p > 1 && s->p[0] == '*' && s->p[1] == '/') {
            s->p += 2;
            if (--depth == 0)
                return 0;
        } else {
            step(s);
        }
    }
    return open_end(s, "a comment", line, err);
}

/* What psql remembers of a statement: its first words, to know bodies of BEGIN ATOMIC ... END. */
struct state {
    const char *from, *to; /* first byte and end of the last token */
    int         parens, parens_line;
    int         words;   /* identifiers so far, up to 4 are looked at */
    char        first[4]; /* their first letters: c or f, p, r, o */
    int         begins;  /* depth of BEGIN and CASE inside such a body */
};

static void
word(struct state *st, const char *p, size_t n)
{
    static const struct {
        const char *text;
        char        letter;
    } known[] = {{"create", 'c'}, {"function", 'f'}, {"procedure", 'p'}, {"or", 'o'}, {"replace", 'r'}};
    char letter = ' ';
    bool body;

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strlen(known[i].text) == n && strncasecmp(known[i].text, p, n) == 0)
            letter = known[i].letter;
    if (st->words < 4)
        st->first[st->words] = letter;
    st->words++;
    body = st->first[0] == 'c'
           && ((st->first[1] == 'f' || st->first[1] == 'p')
               || (st->first[1] == 'o' && st->first[2] == 'r' && (st->first[3] == 'f' || st->first[3] == 'p')));
    if (!body || st->parens)
        return;
    if (n == 5 && strncasecmp(p, "begin", 5) == 0)
        st->begins++;
    else if (n == 4 && strncasecmp(p, "case", 4) == 0 && st->begins)
        st->begins++;
    else if (n == 3 && strncasecmp(p, "end", 3) == 0 && st->begins)
        st->begins--;
}

/* Whether the text is COPY ... FROM STDIN, whose data lines no single message can carry. */
static bool
copies_in(const char *p, size_t n)
{
    const char *end = p + n;
    bool        from = false;

    if (n < 4 || strncasecmp(p, "copy", 4) != 0 || (n > 4 && word_byte(p[4])))
        return false;
    for (p += 4; p < end;) {
        const char *start = p;

        while (p < end && word_byte(*p))
            p++;
        if (p - start == 5 && from && strncasecmp(start, "stdin", 5) == 0)
            return true;
        if (p - start)
            from = p - start == 4 && strncasecmp(start, "from", 4) == 0;
        if (p == start) {
            if (*p == '\'' || *p == '"')
                from = false;
            p++;
        }
    }
    return false;
}

/* Passes over one token; *counts says whether it belongs to the statement (comments and blanks do only
 * inside it). */
static int
token(struct tp_split *s, struct state *st, bool *counts, struct tp_err *err)
{
    const char *p = s->p;
    size_t      tag;

    *counts = true;
    if (isspace((unsigned char)*p)) {
        *counts = false;
        step(s);
    } else if (line_comment(s)) {
        *counts = false;
        pass_line_comment(s);
    } else if (s->end - p > 1 && p[0] == '/' && p[1] == '*') {
        *counts = false;
        return block_comment(s, err);
    } else if (*p == '\'') {
        return quoted(s, '\'', false, err);
    } else if (*p == '"') {
        return quoted(s, '"', false, err);
    } else if (*p == '$' && (tag = dollar_tag(p, s->end)) > 0) {
        return dollar_quoted(s, tag, err);
    } else if ((*p == 'e' || *p == 'E') && s->end - p > 1 && p[1] == '\'') {
        step(s);
        return quoted(s, '\'', true, err);
    } else if (*p == '\\') {
        return tp_fail(err, TP_EINPUT, "line %d: a psql command or stray backslash has no place here", s->line);
    } else if (isdigit((unsigned char)*p)) {
        while (s->p < s->end && isalnum((unsigned char)*s->p)) /* no $: 1$$a$$ is a number and a string */
            s->p++;
    } else if (word_byte(*p) && *p != '$') {
        while (s->p < s->end && word_byte(*s->p))
            s->p++;
        word(st, p, (size_t)(s->p - p));
    } else {
        if (*p == '(') {
            if (st->parens++ == 0)
                st->parens_line = s->line;
        } else if (*p == ')' && st->parens) {
            st->parens--;
        }
        step(s);
    }
    return 0;
}

int
tp_split_next(struct tp_split *s, const char **statement, size_t *n, struct tp_err *err)
{
    struct state st = {0};

    while (s->p < s->end) {
        const char *before = s->p;
        int         line = s->line;
        bool        counts;

        if (*before == ';' && st.parens == 0 && st.begins == 0) {
            s->p++;
            if (!st.from)
                continue;
            break;
        }
        if (token(s, &st, &counts, err))
            return -1;
        if (!counts)
            continue;
        if (!st.from) {
            st.from = before;
            s->start_line = line;
        }
        st.to = s->p;
    }
    if (!st.from)
        return 0;
    if (st.parens)
        return open_end(s, "a parenthesis", st.parens_line, err);
    *statement = st.from;
    *n = (size_t)(st.to - st.from);
    if (copies_in(*statement, *n))
        return tp_fail(err, TP_EINPUT, "line %d: COPY ... FROM STDIN has no place here: its data needs psql",
                       s->start_line);
    return 1;
}

/* The next word, or name of dotted and quoted parts, behind blanks; moves *p behind it. */
static size_t
next_name(const char **p, const char *end, const char **name)
{
    bool quote = false;

    while (*p < end && isspace((unsigned char)**p))
        (*p)++;
    for (*name = *p; *p < end; (*p)++) {
        if (**p == '"')
            quote = !quote;
        else if (!quote && !word_byte(**p) && **p != '.')
            break;
    }
    return (size_t)(*p - *name);
}

static bool
take_word(const char **p, const char *end, const char *word)
{
    const char *at = *p, *name;
    size_t      n = next_name(&at, end, &name);

    if (n != strlen(word) || strncasecmp(name, word, n) != 0)
        return false;
    *p = at;
    return true;
}

bool
tp_split_concurrent_index(const char *statement, size_t n, char *index, char *table, size_t size)
{
    const char *p = statement, *end = statement + n, *name;

    if (!take_word(&p, end, "create"))
        return false;
    take_word(&p, end, "unique");
    if (!take_word(&p, end, "index") || !take_word(&p, end, "concurrently"))
        return false;
    if (take_word(&p, end, "if") && (!take_word(&p, end, "not") || !take_word(&p, end, "exists")))
        return false;
    n = next_name(&p, end, &name);
    if (!tp_text_set(index, size, name, n) || !take_word(&p, end, "on"))
        return false;
    take_word(&p, end, "only");
    n = next_name(&p, end, &name);
    return n > 0 && tp_text_set(table, size, name, n);
}
