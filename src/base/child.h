/* Programs of others run as children: a clean environment, no inherited descriptors, a group of their own. */
#ifndef TP_BASE_CHILD_H
#define TP_BASE_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/text.h"

struct tp_child {
    pid_t pid;      /* and its process group; 0: none */
    int   ended;    /* a descriptor that becomes readable when it has ended */
    int   in;       /* its standard input, not blocking; -1: closed */
    int   out, err; /* what it prints, not blocking; -1: it is ours, or closed */
};

struct tp_child_opts {
    const char *const *argv; /* NULL-ended; argv[0] is found along PATH */
    const char *const *env;  /* "NAME=VALUE", NULL-ended: exactly its environment */
    const char        *dir;  /* its working directory; NULL: ours */
    bool               no_network; /* it reaches no network, not even this machine by one */
    bool               capture; /* what it prints comes to us, else it goes where ours goes */
    bool               own_errors; /* with capture: what it says on standard error goes where ours goes */
};

/* What a child's environment holds whatever is asked for. */
#define TP_CHILD_ENV "PATH", "HOME", "LANG", "TZ"

/* An environment: TP_CHILD_ENV and the n asked for, "NAME=VALUE" or the NAME of one of ours; NULL-ended, with
 * room for `more`. */
const char **tp_child_env(struct tp_arena *arena, const char *const *asked, size_t n, size_t more);
/* Whether a start would find the program: 0, or -1 and TP_EMISSING.  For what may wait long before it starts it. */
int tp_child_find(const char *program, struct tp_err *err);
/* Everything but the three standard descriptors is closed in it; signals are at their defaults; when we die,
 * it is told to end.  -1: TP_EMISSING when there is no such program; TP_EFAIL, also when this system cannot take
 * the network away. */
int tp_child_start(struct tp_child *c, const struct tp_child_opts *opts, struct tp_err *err);
void tp_child_close_input(struct tp_child *c);
/* Whether it has ended; then *status is as of waitpid(2) and the child is none, but what it has printed may
 * still be read. */
bool tp_child_ended(struct tp_child *c, int *status);
/* To the child and all that it has started. */
void tp_child_signal(const struct tp_child *c, int number);
/* Closes what is read from. */
void tp_child_close_output(struct tp_child *c);

#endif
