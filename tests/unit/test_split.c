#include "migrate/split.h"

#include <stdlib.h>

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
    return done();
}
