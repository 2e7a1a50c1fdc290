#include "proc/transcript.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"
#include "base/json.h"
#include "base/time.h"
#include "proc/message.h"

#define DEADLINE_MS 10000
#define SENT "{\"type\":\"sent\",\"line\":"

static void
put_list(struct tp_buf *to, const char *key, const char *const *texts, size_t n)
{
    tp_buf_fmt(to, ",\"%s\":[", key);
    for (size_t i = 0; i < n; i++) {
        if (i)
            tp_buf_char(to, ',');
        tp_json_string(to, texts[i], strlen(texts[i]));
    }
    tp_buf_char(to, ']');
}

void
tp_transcript_begin(struct tp_buf *to, const struct tp_process *p)
{
    size_t n = 0;

    while (p->command[n])
        n++;
    tp_buf_fmt(to, "{\"type\":\"transcript\",\"v\":%d", TP_PROC_VERSION);
    put_list(to, "command", p->command, n);
    put_list(to, "env", p->env, p->n_env);
    tp_buf_fmt(to, "%s,\"deadline_ms\":%lld}\n", p->no_network ? ",\"network\":\"none\"" : "",
               (long long)p->deadline_ms);
}

void
tp_transcript_add(struct tp_buf *to, bool sent, const char *line, size_t n)
{
    tp_buf_text(to, sent ? SENT : "{\"type\":\"got\",\"line\":");
    tp_buf_put(to, line, n);
    tp_buf_text(to, "}\n");
}

struct tp_replay {
    struct tp_talk_log log;
    struct tp_process  process;
    struct tp_talk    *talk;
    struct tp_arena    arena;
    struct tp_buf      wanted, given;
    int64_t            lines, same;
};

void
tp_replay_open(struct tp_replay **out, const struct tp_process *p, const struct tp_talk_log *log)
{
    struct tp_replay *r = tp_alloc(sizeof *r);

    r->log = *log;
    if (p)
        r->process = *p;
    *out = r;
}

static const char *const *
texts_of(struct tp_arena *arena, const json_t *list, size_t *n)
{
    const char **at = tp_arena_get(arena, (json_array_size(list) + 1) * sizeof *at);
    json_t      *one;
    size_t       i;

    json_array_foreach (list, i, one)
        at[i] = tp_arena_text(arena, json_is_string(one) ? json_string_value(one) : "", json_string_length(one));
    *n = json_array_size(list);
    return at;
}

static int
begin(struct tp_replay *r, const json_t *first, struct tp_err *err)
{
    struct tp_talk_opts how = {.log = r->log};
    const json_t       *deadline = json_object_get(first, "deadline_ms");
    size_t              n;

    if (!r->process.command) {
        r->process.command = texts_of(&r->arena, json_object_get(first, "command"), &n);
        r->process.env = texts_of(&r->arena, json_object_get(first, "env"), &r->process.n_env);
        r->process.no_network = tp_json_text(first, "network") && strcmp(tp_json_text(first, "network"), "none") == 0;
        r->process.deadline_ms = json_is_integer(deadline) ? json_integer_value(deadline) : DEADLINE_MS;
        if (n == 0)
            return tp_fail(err, TP_EINPUT, "command: want the program");
    }
    how.command = r->process.command;
    how.env = r->process.env;
    how.n_env = r->process.n_env;
    how.no_network = r->process.no_network;
    return tp_talk_open(&r->talk, &how, err);
}

/* The next line that is no log. */
static int
answer(struct tp_replay *r, json_t **out, struct tp_err *err)
{
    for (;;) {
        const char *line;
        size_t      n;
        int got = tp_talk_next(r->talk, tp_clock_ms() + r->process.deadline_ms, &line, &n, err);

        if (got == 0)
            return tp_fail(err, TP_EFAIL, "the program has not answered after %lld ms",
                           (long long)r->process.deadline_ms);
        if (got < 0)
            return -1;
        if (tp_json_parse(line, n, out, err))
            return tp_where(err, "line %lld of the program", (long long)tp_talk_lines(r->talk));
        if (!json_is_object(*out) || !tp_json_text(*out, "t") || strcmp(tp_json_text(*out, "t"), "log"))
            return 0;
        json_decref(*out);
        *out = NULL;
    }
}

/* What the program must answer now: 0, 1, -1.  States and names may be others: they are no actions. */
static int
compare(struct tp_replay *r, json_t *wanted, struct tp_err *err)
{
    TP_AUTO_JSON given = NULL;
    const char  *t = tp_json_text(wanted, "t");
    const char  *other;

    if (t && strcmp(t, "log") == 0)
        return 0;
    if (answer(r, &given, err))
        return -1;
    other = tp_json_text(given, "t");
    if (t && other && strcmp(t, other) == 0 && (strcmp(t, "state") == 0 || strcmp(t, "ready") == 0))
        return 0;
    tp_buf_clear(&r->wanted);
    tp_buf_clear(&r->given);
    tp_json_print(wanted, &r->wanted);
    tp_json_print(given, &r->given);
    if (r->wanted.n != r->given.n || memcmp(r->wanted.at, r->given.at, r->wanted.n) != 0)
        return 1;
    r->same++;
    return 0;
}

int
tp_replay_line(struct tp_replay *r, const char *line, size_t n, struct tp_err *err)
{
    TP_AUTO_JSON o = NULL;
    const char  *type;
    json_t      *inner;

    r->lines++;
    if (tp_json_parse(line, n, &o, err))
        return tp_where(err, "line %lld of the transcript", (long long)r->lines);
    type = tp_json_text(o, "type");
    inner = json_object_get(o, "line");
    if (type && strcmp(type, "transcript") == 0) {
        tp_talk_close(r->talk); /* each tick of a bot has a program of its own */
        r->talk = NULL;
        return begin(r, o, err);
    }
    if (!r->talk || !type || !json_is_object(inner))
        return tp_fail(err, TP_EINPUT, "line %lld of the transcript: this is no transcript", (long long)r->lines);
    if (strcmp(type, "got") == 0)
        return compare(r, inner, err);
    if (strcmp(type, "sent") != 0)
        return tp_fail(err, TP_EINPUT, "line %lld of the transcript: want sent or got", (long long)r->lines);
    if (n > sizeof SENT && memcmp(line, SENT, sizeof SENT - 1) == 0) /* ours: to the byte */
        tp_buf_put(tp_talk_out(r->talk), line + sizeof SENT - 1, n - sizeof SENT);
    else
        tp_json_print(inner, tp_talk_out(r->talk));
    tp_buf_char(tp_talk_out(r->talk), '\n');
    return 0;
}

int64_t
tp_replay_lines(const struct tp_replay *r)
{
    return r->lines;
}

const char *
tp_replay_wanted(const struct tp_replay *r)
{
    return r->wanted.n ? r->wanted.at : "";
}

const char *
tp_replay_given(const struct tp_replay *r)
{
    return r->given.n ? r->given.at : "";
}

int64_t
tp_replay_same(const struct tp_replay *r)
{
    return r->same;
}

void
tp_replay_close(struct tp_replay *r)
{
    if (!r)
        return;
    tp_talk_close(r->talk);
    tp_arena_free(&r->arena);
    tp_buf_free(&r->wanted);
    tp_buf_free(&r->given);
    free(r);
}
