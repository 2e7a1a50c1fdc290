/* How a function says what went wrong: a code that becomes the exit status, a sentence, a hint. */
#ifndef TP_BASE_ERR_H
#define TP_BASE_ERR_H

/* The exit codes of every program; they are part of the interface and never change meaning. */
#define TP_CODES(X)                                                                                \
    X(TP_OK, 0, "success")                                                                         \
    X(TP_EFAIL, 1, "the work failed for a reason not listed below")                                \
    X(TP_EUSAGE, 2, "the command line is wrong")                                                   \
    X(TP_EINPUT, 3, "a record or a value is malformed or out of range")                            \
    X(TP_EMISSING, 4, "the named thing does not exist")                                            \
    X(TP_EREFUSED, 5, "a rule said no: a risk limit, a state, a permission")                       \
    X(TP_EDB, 6, "the database is out of reach or refused; trying again may help")                 \
    X(TP_EREMOTE, 7, "an exchange or a channel failed; trying again may help")                     \
    X(TP_EUNKNOWN, 8, "the outcome is unknown; ask reconcile")                                     \
    X(TP_EBUSY, 9, "another copy holds the job")                                                   \
    X(TP_EPENDING, 10, "work is pending")                                                          \
    X(TP_EDRIFT, 11, "drift, or a migration that was edited")                                      \
    X(TP_ELINT, 12, "lint found something")                                                        \
    X(TP_EPARTLY, 13, "partly done: some items failed")                                            \
    X(TP_ESIGINT, 130, "stopped by SIGINT")                                                        \
    X(TP_ESIGTERM, 143, "stopped by SIGTERM")

enum tp_code {
#define X(name, value, text) name = value,
    TP_CODES(X)
#undef X
};

struct tp_err {
    enum tp_code code;
    char         sqlstate[6]; /* five characters when the server spoke, else empty */
    char         msg[480];
    char         hint[240];
};

#define TP_ERR_INIT {.code = TP_OK}

/* Fills err and returns -1, so that a function can end with `return tp_fail(err, ...)`.  The hint
 * and sqlstate of an earlier failure are cleared.  Message: lower case, no full stop. */
int tp_fail(struct tp_err *err, enum tp_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds what to try next to an err that tp_fail has filled; returns -1. */
int tp_hint(struct tp_err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Puts "where: " in front of the message, for callers that know the file, line or record; returns -1. */
int tp_where(struct tp_err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The same for a value that the command line gave (where: "--from"): the code becomes TP_EUSAGE. */
int tp_usage(struct tp_err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Says to the compiler and the analyzers, which do not see into err.c, that these four always give -1:
 * without it they follow paths on which a function has failed and yet returned 0. */
static inline int
tp_failed(int always_minus_one)
{
    (void)always_minus_one;
    return -1;
}
#define tp_fail(...) tp_failed(tp_fail(__VA_ARGS__))
#define tp_hint(...) tp_failed(tp_hint(__VA_ARGS__))
#define tp_where(...) tp_failed(tp_where(__VA_ARGS__))
#define tp_usage(...) tp_failed(tp_usage(__VA_ARGS__))

#endif
