/* Limits and halts in the database.  All of it inside a transaction of the user. */
#ifndef TP_STORE_RISK_H
#define TP_STORE_RISK_H

#include "base/db.h"
#include "risk/halt.h"
#include "risk/limit.h"

/* Rows for tp_rows_next with tp_risk_limit_record: those of a bot (nil: all of the user's), also the ones
 * that are switched off. */
int tp_limits_list(struct tp_db *db, struct tp_uuid user, struct tp_uuid bot, struct tp_rows **rows,
                   struct tp_err *err);
/* The live limits of the user (bot nil) or of the bot: 1; 0 when there are none, and out limits nothing. */
int tp_limits_get(struct tp_db *db, struct tp_uuid user, struct tp_uuid bot, struct tp_limits *out,
                  struct tp_arena *arena, struct tp_err *err);
/* Waits for others that change limits of the user. */
int tp_limits_lock(struct tp_db *db, struct tp_uuid user, struct tp_err *err);
/* Sets them (the members of a row, for its user_id and bot_id) and tells: risk.set. */
int tp_limits_put(struct tp_db *db, struct tp_limits *l, struct tp_arena *arena, struct tp_err *err);
/* Takes them back and tells; out is the row.  TP_EMISSING when there are none. */
int tp_limits_delete(struct tp_db *db, struct tp_uuid user, struct tp_uuid bot, struct tp_limits *out,
                     struct tp_arena *arena, struct tp_err *err);

/* Rows for tp_rows_next with tp_halt_record: what is halted, oldest first. */
int tp_halt_list(struct tp_db *db, struct tp_uuid user, struct tp_rows **rows, struct tp_err *err);
/* The live halt of h's scope: 1 and h is the row; 0; -1. */
int tp_halt_find(struct tp_db *db, struct tp_halt *h, struct tp_err *err);
/* Halts and tells: 1; 0 when it is halted already and h is that row; -1. */
int tp_halt_begin(struct tp_db *db, struct tp_halt *h, struct tp_err *err);
/* Lifts the halt and tells; h is the row after. */
int tp_halt_end(struct tp_db *db, struct tp_halt *h, const char *who, struct tp_err *err);

#endif
