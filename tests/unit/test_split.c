/* The splitter: own cases, and those of ../shared, whose statements psql itself sent. */
#include "migrate/split.h"

#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "tap.h"

/* The statements of a text joined by " | ", or the error. */
static const char *
pieces(struct tp_buf *out, const char *text)
{
    struct tp_split s;
    struct tp_err   err = TP_ERR_INIT;
    const char     *statement;
    size_t          n;
    int             more;

    tp_buf_clear(out);
    tp_split_init(&s, text, strlen(text));
    while ((more = tp_split_next(&s, &statement, &n, &err)) > 0) {
        if (out->n)
            tp_buf_text(out, " | ");
        tp_buf_put(out, statement, n);
    }
    if (more < 0) {
        tp_buf_clear(out);
        tp_buf_text(out, err.msg);
    }
    return out->n ? out->at : "";
}

/* ---- ../shared/data/sql-split --------------------------------------------------------------------- */

#define FILE_MAX (4 * 1024 * 1024)

static const char *
shared(const char *name)
{
    static char path[4096];
    const char *named = getenv("TP_SHARED"), *source = getenv("srcdir");

    if (named)
        snprintf(path, sizeof path, "%s/data/sql-split/%s", named, name);
    else
        snprintf(path, sizeof path, "%s/../shared/data/sql-split/%s", source ? source : ".", name);
    return path;
}

/* The statement without comments, semicolon and blanks outside quotes, which psql sends as it likes. */
static void
plain(struct tp_buf *out, const char *text, size_t n)
{
    struct tp_buf bare = {0};
    char          quote = 0;
    int           depth = 0;

    tp_buf_clear(out);
    for (size_t i = 0; i < n; i++) {
        bool more = i + 1 < n;

        if (!quote && more && text[i] == '/' && text[i + 1] == '*') {
            depth++;
            i++;
        } else if (depth && more && text[i] == '*' && text[i + 1] == '/') {
            depth--;
            i++;
        } else if (depth) {
            continue;
        } else if (!quote && more && text[i] == '-' && text[i + 1] == '-') {
            while (i + 1 < n && text[i + 1] != '\n')
                i++;
        } else {
            if (quote == text[i])
                quote = 0;
            else if (!quote && (text[i] == '\'' || text[i] == '"' || (text[i] == '$' && more && text[i + 1] == '$')))
                quote = text[i];
            if (quote || !isspace((unsigned char)text[i]))
                tp_buf_char(&bare, text[i]);
        }
    }
    while (bare.n && bare.at[bare.n - 1] == ';')
        bare.n--;
    tp_buf_put(out, bare.n ? bare.at : "", bare.n);
    tp_buf_char(out, '\0');
    tp_buf_free(&bare);
}

/* The next statement as psql would see it: COPY ... FROM STDIN counts, its data do not. */
static int
next_of_psql(struct tp_split *s, const char **statement, size_t *n, struct tp_err *err)
{
    int more;

    *n = 0;
    more = tp_split_next(s, statement, n, err);
    if (more >= 0 || !strstr(err->msg, "COPY"))
        return more;
    while (s->p < s->end && strncmp(s->p, "\n\\.\n", 4) != 0)
        s->p++;
    s->p += s->end - s->p > 3 ? 4 : s->end - s->p;
    return 1;
}

static void
test_psql(const char *name)
{
    TP_AUTO_BUF     sql = {0};
    TP_AUTO_BUF     text = {0};
    TP_AUTO_BUF     got = {0};
    TP_AUTO_BUF     wanted = {0};
    TP_AUTO_JSON    j = NULL;
    struct tp_err   err = TP_ERR_INIT;
    struct tp_split s;
    const json_t   *list;
    const char     *statement, *want;
    char            file[1024];
    size_t          n, at = 0, wrong = 0;
    int             more;

    snprintf(file, sizeof file, "%s.sql", name);
    if (tp_file_read(shared(file), FILE_MAX, &sql, &err)) {
        skip(name, "the cases are not there");
        return;
    }
    snprintf(file, sizeof file, "%s.statements.json", name);
    if (tp_file_read(shared(file), FILE_MAX, &text, &err) || tp_json_parse(text.at, text.n, &j, &err)) {
        ok(false, "%s: %s", name, err.msg);
        return;
    }
    list = json_object_get(j, "statements");
    tp_split_init(&s, sql.at, sql.n);
    while ((more = next_of_psql(&s, &statement, &n, &err)) > 0) {
        want = json_string_value(json_array_get(list, at++));
        plain(&got, statement, n);
        plain(&wanted, want ? want : "", want ? strlen(want) : 0);
        if (strcmp(got.at, wanted.at) != 0 && wrong++ < 3)
            printf("# statement %zu\n#  got: %s\n# want: %s\n", at, got.at, wanted.at);
    }
    /* psql sends a comment at the end of a file, too; that is no statement. */
    for (; at < json_array_size(list); at++) {
        want = json_string_value(json_array_get(list, at));
        plain(&wanted, want, strlen(want));
        wrong += wanted.at[0] != '\0';
    }
    ok(more == 0 && wrong == 0 && at == json_array_size(list), "%s: the %zu statements that psql sent%s%s",
       name, json_array_size(list), more ? ": " : "", more ? err.msg : "");
}

/* Byte offsets: ours begin at the statement itself, theirs after the semicolon before it. */
static void
test_offsets(void)
{
    TP_AUTO_BUF   text = {0};
    TP_AUTO_JSON  j = NULL;
    struct tp_err err = TP_ERR_INIT;
    const json_t *one;
    size_t        i, wrong = 0;

    if (tp_file_read(shared("libpg_query-split.json"), FILE_MAX, &text, &err)
        || tp_json_parse(text.at, text.n, &j, &err)) {
        skip("byte offsets", "the cases are not there");
        return;
    }
    json_array_foreach (json_object_get(j, "cases"), i, one) {
        const char     *sql = json_string_value(json_object_get(one, "sql")), *statement;
        const json_t   *split = json_object_get(one, "split");
        struct tp_split s;
        size_t          n, at = 0;

        tp_split_init(&s, sql, strlen(sql));
        while (tp_split_next(&s, &statement, &n, &err) > 0) {
            const json_t *pair = json_array_get(split, at++);
            json_int_t    loc = json_integer_value(json_array_get(pair, 0));
            json_int_t    len = json_integer_value(json_array_get(pair, 1));

            wrong += statement < sql + loc || statement + n != sql + loc + len;
        }
        wrong += at != json_array_size(split);
    }
    ok(wrong == 0 && json_array_size(json_object_get(j, "cases")) > 0, "the parser's own offsets");
}

/* Statements of a file, each to equal a golden file or a piece of one; white space around does not count. */
static void
test_golden(const char *name, const char *joined, const char *numbered)
{
    TP_AUTO_BUF     sql = {0};
    TP_AUTO_BUF     golden = {0};
    TP_AUTO_BUF     got = {0};
    TP_AUTO_BUF     want = {0};
    struct tp_err   err = TP_ERR_INIT;
    struct tp_split s;
    const char     *statement, *from, *to;
    size_t          n, at = 0, wrong = 0;
    char            path[512];

    if (tp_file_read(shared(name), FILE_MAX, &sql, &err)) {
        skip(name, "the cases are not there");
        return;
    }
    if (joined && tp_file_read(shared(joined), FILE_MAX, &golden, &err)) {
        ok(false, "%s: %s", name, err.msg);
        return;
    }
    if (!joined)
        for (int i = 1; i < 99; i++) {
            snprintf(path, sizeof path, "%s/%02d.up.golden.sql", numbered, i);
            if (tp_file_read(shared(path), FILE_MAX, &golden, &err))
                break;
            tp_buf_text(&golden, "\n-- end --\n");
        }
    tp_buf_char(&golden, '\0');
    from = golden.at;
    tp_split_init(&s, sql.at, sql.n);
    while (tp_split_next(&s, &statement, &n, &err) > 0) {
        if (numbered && strstr(golden.at, "-- end --") && !*from)
            break; /* the part that takes back */
        to = strstr(from, "-- end --");
        plain(&got, statement, n);
        plain(&want, from, to ? (size_t)(to - from) : strlen(from));
        wrong += strcmp(got.at, want.at) != 0;
        from = to ? to + strlen("-- end --") + (to[strlen("-- end --")] == '\n') : from + strlen(from);
        at++;
    }
    ok(at > 0 && wrong == 0 && !*from, "%s: %zu statements", name, at);
}

/* Real folders: every file is read without an error, each statement ends before the next begins. */
static void
test_folder(const char *name)
{
    DIR           *d = opendir(shared(name));
    struct dirent *e;
    size_t         files = 0, statements = 0, wrong = 0;

    if (!d) {
        skip(name, "the folder is not there");
        return;
    }
    while ((e = readdir(d))) {
        TP_AUTO_BUF     sql = {0};
        struct tp_err   err = TP_ERR_INIT;
        struct tp_split s;
        const char     *statement, *last = NULL;
        char            path[512];
        size_t          n;
        int             more;

        if (e->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%.200s", name, e->d_name);
        if (tp_file_read(shared(path), FILE_MAX, &sql, &err)) {
            wrong++;
            continue;
        }
        files++;
        tp_split_init(&s, sql.n ? sql.at : "", sql.n);
        while ((more = tp_split_next(&s, &statement, &n, &err)) > 0) {
            wrong += n == 0 || (last && statement < last);
            last = statement + n;
            statements++;
        }
        wrong += more < 0;
    }
    closedir(d);
    ok(files > 0 && wrong == 0, "%s: %zu files of %zu statements", name, files, statements);
}

static void
test_shared(void)
{
    static const char *const by_psql[] = {
        "postgres-regress/comments",        "postgres-regress/create_function_sql",
        "postgres-regress/groupingsets",    "postgres-regress/plpgsql_simple",
        "postgres-regress/rules",           "flyway/copy_V002__create_copy_test_table",
        "flyway/dollar_V1__Dollar",         "flyway/function_V1__Function",
        "flyway/multiline_V1__MultiLine",   "flyway/trigger_V1__Trigger",
    };

    for (size_t i = 0; i < sizeof by_psql / sizeof *by_psql; i++)
        test_psql(by_psql[i]);
    test_offsets();
    /* Others of these are not PostgreSQL's: comments of MySQL (lex-6, lex-15), triggers of SQLite
     * (lexgroup-1), statements that only goose's own marks divide (test09). */
    test_golden("atlas/lex-1.sql", "atlas/lex-1.sql.golden", NULL);
    test_golden("atlas/lex-17_paren.sql", "atlas/lex-17_paren.sql.golden", NULL);
    test_golden("goose/valid-up/test01/input.sql", NULL, "goose/valid-up/test01");
    test_golden("goose/valid-up/test03/input.sql", NULL, "goose/valid-up/test03");
    test_golden("goose/valid-up/test05/input.sql", NULL, "goose/valid-up/test05");
    test_golden("goose/valid-up/test07/input.sql", NULL, "goose/valid-up/test07");
    test_folder("migrate-dirs/golang-migrate-postgres");
    test_folder("migrate-dirs/goose-postgres");
    test_folder("goose/valid-txn");
}

static void
test_concurrent_index(void)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"create index concurrently a on b (c)", "a|b"},
        {"CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS \"A b\" ON ONLY s.\"t.u\"(c)", "\"A b\"|s.\"t.u\""},
        {"create index a on b (c)", ""},
        {"create index concurrently on b (c)", ""}, /* the server picks the name */
        {"drop index concurrently a", ""},
        {"create index concurrently a", ""},
        {"", ""},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char index[80], table[80], got[170] = "";

        if (tp_split_concurrent_index(cases[i].text, strlen(cases[i].text), index, table, sizeof index))
            snprintf(got, sizeof got, "%s|%s", index, table);
        is(got, cases[i].want, "names of a concurrent index, case %zu", i);
    }
}

int
main(void)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"", ""},
        {" ; ;\n", ""},
        {"-- only a comment\n", ""},
        {"select 1", "select 1"},
        {"select 1;select 2;", "select 1 | select 2"},
        {"select ';' ; select 2", "select ';' | select 2"},
        {"select 'it''s;' ; x", "select 'it''s;' | x"},
        {"select '\\'; x", "select '\\' | x"},
        {"select E'\\';' ; x", "select E'\\';' | x"},
        {"select \"a;b\"; x", "select \"a;b\" | x"},
        {"select $$a;b$$; x", "select $$a;b$$ | x"},
        {"select $t$a;$$;b$t$; x", "select $t$a;$$;b$t$ | x"},
        {"select $1; x", "select $1 | x"},
        {"select a$b$c; x", "select a$b$c | x"},
        {"/* a; /* b; */ c; */ select 1; x", "select 1 | x"},
        {"-- a;\nselect 1 -- b;\n; x", "select 1 | x"},
        {"select /* mid; */ 1; x", "select /* mid; */ 1 | x"},
        {"create rule r as on insert to t do (select 1; select 2); x",
         "create rule r as on insert to t do (select 1; select 2) | x"},
        {"create function f() returns int begin atomic select 1; select 2; end; x",
         "create function f() returns int begin atomic select 1; select 2; end | x"},
        {"create or replace procedure p() begin atomic select case when true then 1 end; end; x",
         "create or replace procedure p() begin atomic select case when true then 1 end; end | x"},
        {"begin; select 1; end; x", "begin | select 1 | end | x"},
        {"select E'a' \n 'b\\';' ; x", "select E'a' \n 'b\\';' | x"},
        {"select E'a' -- no\n 'b\\'; x", "select E'a' -- no\n 'b\\' | x"},
        {"select E'a'\n-- yes ' ;\n 'b\\';'; x", "select E'a'\n-- yes ' ;\n 'b\\';' | x"},
        {"select E'a' 'b\\'; x", "select E'a' 'b\\' | x"},
        {"select 'a'\n'b\\'; x", "select 'a'\n'b\\' | x"},
        {"select U&'\\0041;' ; x", "select U&'\\0041;' | x"},
        {"select 1$$a;b$$; x", "select 1$$a;b$$ | x"},
        {"select $1$$a;b$$; x", "select $1$$a;b$$ | x"},
        {"-- a\rselect 1; x", "select 1 | x"},
        {"select a--b;\n+1; x", "select a--b;\n+1 | x"},
        {"select a*/**/b; x", "select a*/**/b | x"},
        {"create table begin_t (a int); select 1; x", "create table begin_t (a int) | select 1 | x"},
        {"select $\xc3\xa9$a;b$\xc3\xa9$; x", "select $\xc3\xa9$a;b$\xc3\xa9$ | x"},
        {"select ');'; select (')'); x", "select ');' | select (')') | x"},
        {"select 'a", "line 1: a string does not end"},
        {"select 1;\nselect \"a", "line 2: a quoted name does not end"},
        {"\n\n/* a", "line 3: a comment does not end"},
        {"select $a$ b", "line 1: a dollar-quoted string does not end"},
        {"select (1;", "line 1: a parenthesis does not end"},
        {"\\d t\n", "line 1: a psql command or stray backslash has no place here"},
        {"copy t from stdin;", "line 1: COPY ... FROM STDIN has no place here: its data needs psql"},
        {"COPY t (a, b) FROM\n STDIN with csv;",
         "line 1: COPY ... FROM STDIN has no place here: its data needs psql"},
        {"copy t from '/x'; copy t to stdout", "copy t from '/x' | copy t to stdout"},
    };
    TP_AUTO_BUF out = {0};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        is(pieces(&out, cases[i].text), cases[i].want, "case %zu", i);
    test_concurrent_index();
    test_shared();
    return done();
}
