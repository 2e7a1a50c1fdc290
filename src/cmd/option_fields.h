/* Options that are fields of a record: the record's own reader checks them, so that an option and a line
 * take the same values and refuse them in the same words. */
#ifndef TP_CMD_OPTION_FIELDS_H
#define TP_CMD_OPTION_FIELDS_H

#include "cmd/batch.h"

/* A table ends with a row without field; at is the place of the text in the command's arguments. */
struct tp_option_field {
    const char *field, *option;
    size_t      at;
};

/* Reads those that were given into row; -1 with TP_EUSAGE naming the option. */
int tp_option_fields(struct tp_ctx *tp, const struct tp_option_field *table, const void *args,
                     const struct tp_record *record, void *row);
/* Whether any of them was given. */
bool tp_option_fields_given(const struct tp_option_field *table, const void *args);
/* The items that the operands name: each one's id and, of the same options (NULL: none), the other fields. */
int tp_batch_operands(struct tp_batch *b, const struct tp_option_field *table, const void *args);

#endif
