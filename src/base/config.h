/* The configuration file: what an option is when neither the command line nor the environment says. */
#ifndef TP_BASE_CONFIG_H
#define TP_BASE_CONFIG_H

#include <stddef.h>

#include "base/err.h"

struct tp_config;

/* $XDG_CONFIG_HOME/tp/config.yaml, or ~/.config/tp/config.yaml; "" when neither folder is known. */
const char *tp_config_path(char *out, size_t size);

/* Reads that file; *out is NULL when there is none.  TP_EUSAGE with path and line when it is no mapping
 * of words to values, or when somebody else may write it. */
int  tp_config_open(struct tp_config **out, struct tp_err *err);
void tp_config_free(struct tp_config *config); /* NULL is fine */

/* The value of a key ("db") or of a path of keys ("prices.interval") as text, NULL when absent or null;
 * borrowed.  The form of a tp_opt_config: config is a struct tp_config or NULL. */
const char *tp_config_get(const void *config, const char *key);

#endif
