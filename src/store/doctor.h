/* What is well and what is not about a database, one finding per check. */
#ifndef TP_STORE_DOCTOR_H
#define TP_STORE_DOCTOR_H

#include "base/db.h"

struct tp_finding {
    char        name[33];
    char        status[5]; /* ok, warn, fail */
    const char *detail;    /* what was found; in the arena */
    const char *hint;      /* what to do, or NULL */
};

extern const struct tp_record tp_finding_record;

/* Where findings go.  found returns -1 to end the examination. */
struct tp_doctor {
    struct tp_arena *arena;
    int (*found)(void *arg, const struct tp_finding *finding, struct tp_err *err);
    void        *arg;
    enum tp_code worst; /* TP_OK, or the code of the first finding that is a failure */
};

/* Tells one finding.  code: TP_OK with a hint is a warning, without one all is well; else a failure. */
int tp_doctor_tell(struct tp_doctor *d, const char *name, enum tp_code code, const char *hint,
                   struct tp_err *err, const char *fmt, ...) __attribute__((format(printf, 6, 7)));

/* Server, session, settings and clock. */
int tp_doctor_server(struct tp_doctor *d, struct tp_db *db, struct tp_err *err);
/* The schema: roles, row security, leftovers, partitions, jobs.  Only with the program's own version. */
int tp_doctor_schema(struct tp_doctor *d, struct tp_db *db, struct tp_err *err);

#endif
