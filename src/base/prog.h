/* A program of the family: its commands, the context they run in, and the one main() of all. */
#ifndef TP_BASE_PROG_H
#define TP_BASE_PROG_H

#include "base/err.h"
#include "base/opt.h"
#include "base/output.h"
#include "base/progress.h"
#include "base/record.h"
#include "base/text.h"

struct tp_db;
struct tp_rows;
struct tp_config;

/* What a command function gets.  Everything in it is owned by tp_main. */
struct tp_ctx {
    const struct tp_prog *prog;
    const struct tp_cmd  *cmd;
    const bool           *given;    /* which of the command's options the command line gave, in their order */
    const char          **operands; /* the arguments that are not options */
    size_t                n_operands;
    struct tp_db         *db; /* after tp_ctx_db */
    struct tp_out         out; /* stdout: records */
    struct tp_arena       arena; /* freed when the command returns */
    struct tp_err         err;
    const char           *dsn;  /* --db, TP_DSN, or NULL */
    const char           *user; /* --user, TP_USER, or NULL: who acts (email or id) */
    bool                  quiet, verbose;
    struct tp_progress   *progress; /* for tp_progress_draw and tp_progress_end; messages clear it */
    const struct tp_config *config; /* the configuration file; NULL: there is none */
    const char           *db_role;         /* role that tp_ctx_db sets; NULL: the login's own */
    int64_t               db_statement_ms; /* statement_timeout that tp_ctx_db asks for; 0: none */
    bool                  db_any_schema; /* tp_ctx_db takes any schema, or none */
    void (*db_close)(struct tp_db *); /* set by tp_ctx_db, so that tp_main needs no libpq */
};

struct tp_cmd {
    const char          *name; /* "list", or two words: "migrate up"; "" for a program's only action */
    const char          *help; /* one line, lower case, no full stop */
    const struct tp_opt *opts; /* may be NULL */
    size_t               args_size;
    int (*run)(struct tp_ctx *tp, const void *args); /* 0, or -1 with tp->err filled */
    const char *operands;                            /* for the synopsis: "[FILE...]"; NULL: none allowed */
    size_t      min_operands, max_operands;          /* max SIZE_MAX: any number */
    const char *examples;                            /* lines for --help, each a command with "# why" */
};

struct tp_prog {
    const char          *name;
    const char          *help;
    const struct tp_cmd *cmds;     /* ended by a row without name */
    const char          *examples; /* shown by the program's own --help */
    const char          *db_role;  /* tp_app, tp_service, tp_owner; NULL: the login's own role */
};

/* Runs the command that argv names and returns the exit status. */
int tp_main(const struct tp_prog *prog, int argc, char **argv);

/* Opens tp->db (once): --db, TP_DSN, libpq's environment, or the private local server. */
int tp_ctx_db(struct tp_ctx *tp);
/* One more connection like it, for what has to read while tp->db writes; close it with tp_db_close. */
int tp_ctx_db_more(struct tp_ctx *tp, struct tp_db **out);
/* Closes it, so that the next tp_ctx_db connects anew. */
void tp_ctx_db_drop(struct tp_ctx *tp);

/* Prints one record on stdout in the chosen form; -1 when stdout fails (TP_EFAIL; a closed pipe ends
 * the program quietly). */
int tp_emit(struct tp_ctx *tp, const struct tp_record *record, const void *row);

/* Prints all rows as records; -1 when reading or printing fails. */
int tp_emit_rows(struct tp_ctx *tp, const struct tp_record *record, struct tp_rows *rows);

/* Whether the command line itself gave an option of the command: where something nearer than the environment, like
 * the data read, may say the value too. */
bool tp_given(const struct tp_ctx *tp, const char *option);
/* The i-th operand as an id; -1 with TP_EUSAGE and a hint at the program's list command. */
int tp_operand_id(struct tp_ctx *tp, size_t i, struct tp_uuid *id);
/* Whether the only operand is "-": lines come on stdin. */
bool tp_operand_stdin(const struct tp_ctx *tp);
/* -1 with TP_EUSAGE when both of two options that exclude each other ("--active") were given. */
int tp_exclusive(struct tp_ctx *tp, bool a, const char *a_name, bool b, const char *b_name);

/* A message on stderr: note unless -q, detail only with -v, warning always. */
void tp_note(const struct tp_ctx *tp, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void tp_detail(const struct tp_ctx *tp, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void tp_warn(const struct tp_ctx *tp, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Whether --yes was given or a person at the terminal agreed; -1 with TP_EUSAGE when nobody can. */
int tp_confirm(struct tp_ctx *tp, bool yes, const char *question);

/* One record per common option: its value and where it comes from when the command line is silent;
 * secrets only as set or unset. */
int tp_emit_settings(struct tp_ctx *tp);

/* SIGINT or SIGTERM arrived: long work looks here between steps.  0, or -1 with TP_ESIGINT/TERM. */
int tp_stopped(struct tp_err *err);
/* The read end of the self-pipe that becomes readable on SIGINT/SIGTERM, for poll(2). */
int tp_signal_fd(void);

#endif
