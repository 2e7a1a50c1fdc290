/* Text files that were made part of the binary by sql/embed.awk. */
#ifndef TP_BASE_EMBED_H
#define TP_BASE_EMBED_H

#include <stddef.h>

struct tp_embedded {
    const char *name; /* of the file, without its folder; NULL ends an array */
    const char *text;
};

extern const struct tp_embedded tp_embedded_migrations[];
extern const struct tp_embedded tp_embedded_seeds[];

/* The newest numbered migration that this program knows, and how many there are. */
extern const int tp_schema_version, tp_schema_files;

#endif
