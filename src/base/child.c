#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
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

/* Ends of pipes: [0] is read from, [1] written to; -1: there is none. */
struct pipes {
    int in[2], out[2], err[2], told[2];
};

#define NO_NETWORK (-1) /* told in the place of an errno */

/* A network of its own with nothing in it; who is not root needs a user namespace to make one. */
static bool
leave_network(void)
{
    return unshare(CLONE_NEWNET) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0;
}

/* In the child: never returns. */
static void
become(const struct tp_child_opts *opts, const struct pipes *p, pid_t parent)
{
    union {
        const char *const *given;
        char *const       *wanted; /* by an exec that changes nothing */
    } a = {opts->argv}, e = {opts->env};
    sigset_t none;
    int      number = 0;

    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, (unsigned long)SIGTERM, 0L, 0L, 0L);
    if (getppid() != parent) /* it died before the line above */
        _exit(127);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (opts->no_network && !leave_network())
        number = NO_NETWORK;
    else if ((!opts->dir || chdir(opts->dir) == 0) && dup2(p->in[0], STDIN_FILENO) >= 0
        && (p->out[1] < 0 || dup2(p->out[1], STDOUT_FILENO) >= 0) && (p->err[1] < 0 || dup2(p->err[1], STDERR_FILENO) >= 0)
        && !close_range(3, UINT_MAX, CLOSE_RANGE_CLOEXEC))
        execvpe(opts->argv[0], a.wanted, e.wanted);
    number = number ? number : errno;
    while (write(p->told[1], &number, sizeof number) < 0 && errno == EINTR)
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
    if (number == NO_NETWORK)
        return tp_fail(err, TP_EFAIL, "cannot run '%s' without a network: this system allows no network namespace", program);
    return tp_fail(err, number == ENOENT ? TP_EMISSING : TP_EFAIL, "cannot run '%s': %s", program,
                   strerror(number));
}

int
tp_child_find(const char *program, struct tp_err *err)
{
    const char *at = strchr(program, '/') ? NULL : getenv("PATH"), *end;
    TP_AUTO_BUF file = {0};

    if (!at)
        return access(program, X_OK) ? cannot(program, errno, err) : 0;
    for (;; at = end + 1) {
        end = strchrnul(at, ':');
        file.n = 0;
        tp_buf_put(&file, at, (size_t)(end - at));
        tp_buf_text(&file, end > at ? "/" : "./");
        tp_buf_text(&file, program);
        tp_buf_char(&file, '\0');
        if (access(file.at, X_OK) == 0)
            return 0;
        if (!*end)
            return cannot(program, ENOENT, err);
    }
}

static void
shut(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void
shut_all(struct pipes *p)
{
    for (int i = 0; i < 2; i++) {
        shut(&p->in[i]);
        shut(&p->out[i]);
        shut(&p->err[i]);
        shut(&p->told[i]);
    }
}

/* 0, or the reason why there is none. */
static int
open_pipes(struct pipes *p, const struct tp_child_opts *opts)
{
    *p = (struct pipes){{-1, -1}, {-1, -1}, {-1, -1}, {-1, -1}};
    if (pipe2(p->in, O_CLOEXEC) || pipe2(p->told, O_CLOEXEC)
        || (opts->capture && pipe2(p->out, O_CLOEXEC)) || (opts->capture && !opts->own_errors && pipe2(p->err, O_CLOEXEC)))
        return errno;
    return 0;
}

static void
give(int *to, int *from)
{
    *to = *from;
    *from = -1;
    if (*to >= 0)
        fcntl(*to, F_SETFL, O_NONBLOCK);
}

int
tp_child_start(struct tp_child *c, const struct tp_child_opts *opts, struct tp_err *err)
{
    struct pipes p;
    int          number = open_pipes(&p, opts), status;
    pid_t        parent = getpid(), pid;

    *c = (struct tp_child){.ended = -1, .in = -1, .out = -1, .err = -1};
    if (number) {
        shut_all(&p);
        return cannot(opts->argv[0], number, err);
    }
    pid = fork();
    if (pid == 0)
        become(opts, &p, parent);
    number = pid < 0 ? errno : 0;
    shut(&p.told[1]);
    if (pid > 0) {
        setpgid(pid, pid); /* whoever comes first */
        number = exec_failed(p.told[0]);
        c->ended = number ? -1 : pidfd_open(pid, 0);
        if (!number && c->ended < 0) {
            number = errno;
            kill(-pid, SIGKILL);
        }
        if (number)
            waitpid(pid, &status, 0);
    }
    if (number) {
        shut_all(&p);
        return cannot(opts->argv[0], number, err);
    }
    fcntl(c->ended, F_SETFD, FD_CLOEXEC);
    give(&c->in, &p.in[1]);
    give(&c->out, &p.out[0]);
    give(&c->err, &p.err[0]);
    c->pid = pid;
    shut_all(&p);
    return 0;
}

static const char *
env_of(struct tp_arena *arena, const char *asked)
{
    const char *value = strchr(asked, '=') ? NULL : getenv(asked);
    TP_AUTO_BUF pair = {0};

    if (strchr(asked, '='))
        return asked;
    if (!value)
        return NULL;
    tp_buf_fmt(&pair, "%s=%s", asked, value);
    return tp_arena_text(arena, pair.at, pair.n);
}

const char **
tp_child_env(struct tp_arena *arena, const char *const *asked, size_t n, size_t more)
{
    static const char *const always[] = {TP_CHILD_ENV};
    const char **env = tp_arena_get(arena, (TP_COUNT(always) + n + more + 1) * sizeof *env);
    size_t       at = 0;

    for (size_t i = 0; i < TP_COUNT(always) + n; i++) {
        env[at] = env_of(arena, i < TP_COUNT(always) ? always[i] : asked[i - TP_COUNT(always)]);
        at += env[at] != NULL;
    }
    return env;
}

void
tp_child_close_input(struct tp_child *c)
{
    shut(&c->in);
}

bool
tp_child_ended(struct tp_child *c, int *status)
{
    if (c->pid == 0 || waitpid(c->pid, status, WNOHANG) != c->pid)
        return false;
    tp_child_close_input(c);
    shut(&c->ended);
    c->pid = 0;
    return true;
}

void
tp_child_close_output(struct tp_child *c)
{
    shut(&c->out);
    shut(&c->err);
}

void
tp_child_signal(const struct tp_child *c, int number)
{
    if (c->pid > 0)
        kill(-c->pid, number);
}
