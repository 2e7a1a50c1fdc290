#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/banned.h"
#include "base/text.h"

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC 4
#endif

/* In the child: never returns. */
static void
become(const char *const *argv, const char *const *env, int in, int failed, pid_t parent)
{
    union {
        const char *const *given;
        char *const       *wanted; /* by an exec that changes nothing */
    } a = {argv}, e = {env};
    sigset_t none;
    int      number;

    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, (unsigned long)SIGTERM, 0L, 0L, 0L);
    if (getppid() != parent) /* it died before the line above */
        _exit(127);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (dup2(in, STDIN_FILENO) >= 0 && !close_range(3, UINT_MAX, CLOSE_RANGE_CLOEXEC))
        execvpe(argv[0], a.wanted, e.wanted);
    number = errno;
    while (write(failed, &number, sizeof number) < 0 && errno == EINTR)
        ;
    _exit(127);
}

/* Waits for the exec: 0, or the reason why there was none. */
static int
exec_failed(int from)
{
    int     number = 0;
    ssize_t n;

    do
        n = read(from, &number, sizeof number);
    while (n < 0 && errno == EINTR);
    return n == sizeof number ? number : 0;
}

static int
cannot(const char *program, int number, struct tp_err *err)
{
    return tp_fail(err, number == ENOENT ? TP_EMISSING : TP_EFAIL, "cannot run '%s': %s", program,
                   strerror(number));
}

int
tp_child_start(struct tp_child *c, const char *const *argv, const char *const *env, struct tp_err *err)
{
    int   in[2], told[2], number, status;
    pid_t parent = getpid(), pid;

    *c = (struct tp_child){.ended = -1, .in = -1};
    if (pipe2(in, O_CLOEXEC))
        return cannot(argv[0], errno, err);
    if (pipe2(told, O_CLOEXEC)) {
        number = errno;
        close(in[0]);
        close(in[1]);
        return cannot(argv[0], number, err);
    }
    pid = fork();
    if (pid == 0)
        become(argv, env, in[0], told[1], parent);
    number = pid < 0 ? errno : 0;
    close(in[0]);
    close(told[1]);
    if (pid > 0) {
        setpgid(pid, pid); /* whoever comes first */
        number = exec_failed(told[0]);
        c->ended = number ? -1 : pidfd_open(pid, 0);
        if (!number && c->ended < 0) {
            number = errno;
            kill(-pid, SIGKILL);
        }
        if (number)
            waitpid(pid, &status, 0);
    }
    close(told[0]);
    if (number) {
        close(in[1]);
        return cannot(argv[0], number, err);
    }
    fcntl(c->ended, F_SETFD, FD_CLOEXEC);
    fcntl(in[1], F_SETFL, O_NONBLOCK);
    c->pid = pid;
    c->in = in[1];
    return 0;
}

void
tp_child_close_input(struct tp_child *c)
{
    if (c->in >= 0)
        close(c->in);
    c->in = -1;
}

bool
tp_child_ended(struct tp_child *c, int *status)
{
    if (c->pid == 0 || waitpid(c->pid, status, WNOHANG) != c->pid)
        return false;
    tp_child_close_input(c);
    close(c->ended);
    *c = (struct tp_child){.ended = -1, .in = -1};
    return true;
}

void
tp_child_signal(const struct tp_child *c, int number)
{
    if (c->pid > 0)
        kill(-c->pid, number);
}
