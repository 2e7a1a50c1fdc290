#include "base/line.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"
#include "tap.h"

/* A file with these bytes, open for reading at its start. */
static int
file_of(const char *data, size_t n)
{
    char name[] = "/tmp/tp-lines-XXXXXX";
    int  fd = mkstemp(name);

    unlink(name);
    while (n) {
        ssize_t done_now = write(fd, data, n);

        if (done_now <= 0)
            break;
        data += done_now;
        n -= (size_t)done_now;
    }
    lseek(fd, 0, SEEK_SET);
    return fd;
}

static void
plain(void)
{
    static const char data[] = "one\r\ntwo\n\nbad\0\nafter \xC3\xA9\n\xFF\nlast";
    static const char *const want[] = {"one", "two", "", "line 4: a NUL byte", "after \xC3\xA9",
                                       "line 6: invalid UTF-8", "last", NULL};
    struct tp_lines   l;
    struct tp_err     err = TP_ERR_INIT;
    const char       *line;
    size_t            n;
    int               fd = file_of(data, sizeof data - 1), rc;

    tp_lines_init(&l, fd);
    for (size_t i = 0; want[i]; i++) {
        char text[100];

        rc = tp_lines_next(&l, &line, &n, &err);
        snprintf(text, sizeof text, "%.*s", rc > 0 ? (int)n : 99, rc > 0 ? line : err.msg);
        is(text, want[i], "line %zu", i + 1);
    }
    ok(tp_lines_next(&l, &line, &n, &err) == 0, "then the end");
    tp_lines_free(&l);
    close(fd);
}

/* UTF-8 is looked at by the word: every length, with one byte at each place that makes it wrong, or a letter of two. */
static void
utf8(void)
{
    char text[80];
    bool plain_taken = true, letter_taken = true, wrong_refused = true, nul_refused = true;

    for (size_t n = 2; n < sizeof text; n++)
        for (size_t at = 0; at + 1 < n; at++) {
            memset(text, 'x', n);
            plain_taken &= tp_text_utf8(text, n);
            memcpy(text + at, "\xC3\xA9", 2);
            letter_taken &= tp_text_utf8(text, n);
            text[at + 1] = 'x';
            wrong_refused &= !tp_text_utf8(text, n);
            memcpy(text + at, "x\xA9", 2);
            wrong_refused &= !tp_text_utf8(text, n);
            text[at + 1] = '\0';
            nul_refused &= !tp_text_utf8(text, n);
        }
    ok(plain_taken && letter_taken, "plain text and a letter of two bytes are UTF-8");
    ok(wrong_refused && nul_refused, "half a letter and a NUL byte are not");
}

static void
long_lines(void)
{
    size_t          size = 5 * 1024 * 1024;
    char           *data = tp_alloc(size);
    struct tp_lines l;
    struct tp_err   err = TP_ERR_INIT;
    const char     *line;
    size_t          n;
    int             fd;

    memset(data, 'x', size);
    data[TP_LINE_MAX] = '\n'; /* the longest that is allowed, then a longer one, then a short one */
    data[size - 3] = '\n';
    fd = file_of(data, size);
    tp_lines_init(&l, fd);
    ok(tp_lines_next(&l, &line, &n, &err) == 1 && n == TP_LINE_MAX, "a line of 1 MiB is read");
    ok(tp_lines_next(&l, &line, &n, &err) < 0 && strcmp(err.msg, "line 2: longer than 1 MiB") == 0,
       "a longer one is refused with its number");
    ok(tp_lines_next(&l, &line, &n, &err) == 1 && n == 2, "and the next one is read again");
    ok(l.room <= 4 * TP_LINE_MAX, "the buffer stays small");
    tp_lines_free(&l);
    close(fd);
    free(data);
}

/* A pipe whose writer is slow: what has come is told apart from what one would have to wait for. */
static void
slow_pipe(void)
{
    struct tp_lines l;
    struct tp_err   err = TP_ERR_INIT;
    const char     *line;
    size_t          n;
    int             fds[2];

    if (!ok(pipe(fds) == 0, "a pipe"))
        return;
    tp_lines_init(&l, fds[0]);
    ok(!tp_lines_ready(&l), "an empty pipe has no line");
    ok(write(fds[1], "one\ntw", 6) == 6 && tp_lines_ready(&l), "a whole line is there");
    ok(tp_lines_next(&l, &line, &n, &err) == 1 && n == 3, "and is read");
    ok(!tp_lines_ready(&l), "half a line is none");
    ok(write(fds[1], "o\n", 2) == 2 && tp_lines_ready(&l), "its rest makes it one");
    ok(tp_lines_next(&l, &line, &n, &err) == 1 && n == 3 && memcmp(line, "two", 3) == 0, "and it is whole");
    ok(write(fds[1], "end", 3) == 3 && !tp_lines_ready(&l), "a line without its end is waited for");
    close(fds[1]);
    ok(tp_lines_ready(&l), "until the writer has closed");
    ok(tp_lines_next(&l, &line, &n, &err) == 1 && n == 3, "then it is the last line");
    ok(tp_lines_ready(&l) && tp_lines_next(&l, &line, &n, &err) == 0, "and the end needs no waiting either");
    tp_lines_free(&l);
    close(fds[0]);
}

int
main(void)
{
    plain();
    utf8();
    slow_pipe();
    long_lines();
    return done();
}
