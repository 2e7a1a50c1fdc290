/* Programs of others run as children: a clean environment, no inherited descriptors, a group of their own. */
#ifndef TP_BASE_CHILD_H
#define TP_BASE_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

struct tp_child {
    pid_t pid;   /* and its process group; 0: none */
    int   ended; /* a descriptor that becomes readable when it has ended */
    int   in;    /* its standard input, not blocking; -1: closed */
};

/* What a child's environment holds whatever is asked for. */
#define TP_CHILD_ENV "PATH", "HOME", "LANG", "TZ"

/* Starts argv[0], found along PATH, with exactly the environment env ("NAME=VALUE", NULL-ended).  Standard
 * output and error are ours, everything else is closed; signals are at their defaults; when we die, it is told
 * to end.  -1: TP_EMISSING when there is no such program, TP_EFAIL. */
int tp_child_start(struct tp_child *c, const char *const *argv, const char *const *env, struct tp_err *err);
void tp_child_close_input(struct tp_child *c);
/* Whether it has ended; then *status is as of waitpid(2) and the child is none. */
bool tp_child_ended(struct tp_child *c, int *status);
/* To the child and all that it has started. */
void tp_child_signal(const struct tp_child *c, int number);

#endif
