#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/banned.h"
#include "base/crypt.h"
#include "base/prog.h"

void
tp_secret_wipe(struct tp_secret *secret)
{
    tp_wipe(secret, sizeof *secret);
}

/* One byte at a time: what follows the line belongs to the next reader of fd. */
static int
read_line(struct tp_secret *out, int fd, struct tp_err *err)
{
    char c;

    out->n = 0;
    for (;;) {
        ssize_t got = read(fd, &c, 1);

        if (got < 0 && errno == EINTR) {
            if (tp_stopped(err))
                return -1;
            continue;
        }
        if (got < 0)
            return tp_fail(err, errno == EBADF ? TP_EUSAGE : TP_EFAIL, "reading a secret from descriptor %d: %s",
                           fd, strerror(errno));
        if (got == 0 || c == '\n')
            break;
        if (c == '\0')
            return tp_fail(err, TP_EINPUT, "the secret holds a NUL byte");
        if (out->n == TP_SECRET_MAX)
            return tp_fail(err, TP_EINPUT, "the secret is longer than %d bytes", TP_SECRET_MAX);
        out->text[out->n++] = c;
    }
    if (out->n && out->text[out->n - 1] == '\r')
        out->n--;
    out->text[out->n] = '\0';
    return 0;
}

static int
ask(struct tp_secret *out, const char *prompt, struct tp_err *err)
{
    struct termios before, silent;
    int            rc;

    if (tcgetattr(STDIN_FILENO, &before))
        return tp_fail(err, TP_EFAIL, "terminal: %s", strerror(errno));
    silent = before;
    silent.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
    if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent))
        return tp_fail(err, TP_EFAIL, "terminal: %s", strerror(errno));
    fprintf(stderr, "%s: ", prompt);
    rc = read_line(out, STDIN_FILENO, err);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    fputc('\n', stderr);
    return rc;
}

int
tp_secret_read(struct tp_secret *out, int64_t fd, const char *prompt, bool twice, struct tp_err *err)
{
    struct tp_secret again;
    int              rc;

    /* Only an inherited descriptor: everything the program itself has opened closes on exec. */
    if (fd > INT_MAX || (fd > STDERR_FILENO && (fcntl((int)fd, F_GETFD) & FD_CLOEXEC)))
        return tp_fail(err, TP_EUSAGE, "descriptor %lld is not open", (long long)fd);
    if (fd >= 0)
        rc = read_line(out, (int)fd, err);
    else if (!isatty(STDIN_FILENO))
        rc = read_line(out, STDIN_FILENO, err);
    else {
        rc = ask(out, prompt, err);
        if (!rc && twice) {
            rc = ask(&again, "once more", err);
            if (!rc && (again.n != out->n || memcmp(again.text, out->text, out->n) != 0))
                rc = tp_fail(err, TP_EINPUT, "the two answers differ");
            tp_secret_wipe(&again);
        }
    }
    if (rc)
        tp_secret_wipe(out);
    return rc;
}
