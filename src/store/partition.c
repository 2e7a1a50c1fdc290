#include "store/partition.h"

#include <string.h>

#include "base/banned.h"
#include "store/sql.h"

static const struct tp_field premade_fields[] = {
    F_TEXT(struct tp_premade, parent, "the managed table"),
    F_INT(struct tp_premade, created, "partitions made now"),
    F_STOP,
};

const struct tp_record tp_premade_record = {"partition_premake", "partitions made ahead for a table",
                                            premade_fields, sizeof(struct tp_premade)};

static const struct tp_field partition_fields[] = {
    F_TEXT(struct tp_partition, parent, "the managed table"),
    F_TEXT(struct tp_partition, leaf, "the partition"),
    F_TIME(struct tp_partition, lower_bound, "first moment of its range"),
    F_TIME(struct tp_partition, upper_bound, "end of its range, not part of it"),
    F_BOOL(struct tp_partition, detach_pending, "a concurrent detach began and did not finish"),
    F_INT(struct tp_partition, estimated_rows, "rows by the last analyze; 0 when never analyzed"),
    F_INT(struct tp_partition, bytes, "bytes on disk with indexes"),
    F_STOP,
};

const struct tp_record tp_partition_record = {"partition", "a partition of a managed table",
                                              partition_fields, sizeof(struct tp_partition)};

static const struct tp_field runway_fields[] = {
    F_TEXT(struct tp_runway, parent, "the managed table"),
    F_TEXT(struct tp_runway, step, "width of a partition"),
    F_INT(struct tp_runway, premake, "steps that are made ahead"),
    F_TIME(struct tp_runway, ends_at, "the first moment from now on that no partition takes"),
    F_INT(struct tp_runway, days, "whole days until then"),
    F_INT(struct tp_runway, leaves, "partitions of the table"),
    F_STOP,
};

const struct tp_record tp_runway_record = {"partition_runway", "how long a table's partitions last",
                                           runway_fields, sizeof(struct tp_runway)};

int
tp_partition_premake(struct tp_db *db, struct tp_rows **rows, struct tp_err *err)
{
    /* A table that stays locked is an answer (exit 6), not a reason to hang. */
    if (tp_db_script(db, "set lock_timeout = '10s'", err)
        || tp_db_query(db, &SQL_partition_premake_all, TP_NO_PARAMS, rows, err))
        return -1;
    return 0;
}

int
tp_partition_list(struct tp_db *db, const char *parent, struct tp_rows **rows, struct tp_err *err)
{
    char safe[133];

    if (tp_db_query(db, &SQL_partition_list, TP_PARAMS(tp_p_text(parent)), rows, err))
        return -1;
    if (!parent || tp_rows_count(*rows) > 0)
        return 0;
    tp_rows_free(*rows);
    *rows = NULL;
    tp_text_safe(safe, sizeof safe, parent, strlen(parent));
    tp_fail(err, TP_EMISSING, "'%s' has no partitions that are managed here", safe);
    return tp_hint(err, "'tp-db partitions runway' names the tables");
}

int
tp_partition_runway(struct tp_db *db, struct tp_rows **rows, struct tp_err *err)
{
    return tp_db_query(db, &SQL_partition_runway, TP_NO_PARAMS, rows, err);
}

int
tp_partition_trading(struct tp_db *db, struct tp_time from, struct tp_time to, struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;

    return tp_db_one(db, &SQL_partition_trading, TP_PARAMS(tp_p_time(from), tp_p_time(to)), &rows, err);
}
