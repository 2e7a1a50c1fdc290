/* Every record that the programs read or write and a header declares; made by records.awk. */
#ifndef TP_CMD_RECORDS_H
#define TP_CMD_RECORDS_H

#include "base/record.h"

extern const struct tp_record *const tp_records[]; /* by name of the C object; NULL-ended */

#endif
