# Statements of sql/queries become constants: one header and one source from sqlc.awk.
TP_QUERIES = 
include sql/queries/local.mk
EXTRA_DIST += sql/sqlc.awk $(TP_QUERIES)
BUILT_SOURCES += src/store/sql.h src/store/sql.c
CLEANFILES += src/store/sql.h src/store/sql.c
nodist_libtp_a_SOURCES += src/store/sql.c src/store/sql.h

src/store/sql.h: $(TP_QUERIES) sql/sqlc.awk
	$(AM_V_GEN)$(MKDIR_P) src/store; cd $(srcdir) && LC_ALL=C $(AWK) -v out=h -f sql/sqlc.awk $(TP_QUERIES) > '$(abs_builddir)/$@.tmp' && mv '$(abs_builddir)/$@.tmp' '$(abs_builddir)/$@'
src/store/sql.c: $(TP_QUERIES) sql/sqlc.awk
	$(AM_V_GEN)$(MKDIR_P) src/store; cd $(srcdir) && LC_ALL=C $(AWK) -v out=c -f sql/sqlc.awk $(TP_QUERIES) > '$(abs_builddir)/$@.tmp' && mv '$(abs_builddir)/$@.tmp' '$(abs_builddir)/$@'
EXTRA_DIST += sql/migrations sql/seeds

# Migrations and seeds become part of the binary.
tp_migrations = $(sort $(wildcard $(srcdir)/sql/migrations/*.sql))
tp_seeds = $(sort $(wildcard $(srcdir)/sql/seeds/*.sql))
EXTRA_DIST += sql/embed.awk
BUILT_SOURCES += src/migrate/migrations.c src/migrate/seeds.c src/migrate/version.c
CLEANFILES += src/migrate/migrations.c src/migrate/seeds.c src/migrate/version.c
nodist_libtp_a_SOURCES += src/migrate/migrations.c src/migrate/seeds.c src/migrate/version.c

src/migrate/migrations.c: $(tp_migrations) sql/embed.awk
	$(AM_V_GEN)$(MKDIR_P) src/migrate && LC_ALL=C $(AWK) -v array=tp_embedded_migrations -f $(srcdir)/sql/embed.awk $(tp_migrations) > $@.tmp && mv $@.tmp $@
src/migrate/seeds.c: $(tp_seeds) sql/embed.awk
	$(AM_V_GEN)$(MKDIR_P) src/migrate && LC_ALL=C $(AWK) -v array=tp_embedded_seeds -f $(srcdir)/sql/embed.awk $(tp_seeds) > $@.tmp && mv $@.tmp $@
# Apart from the texts, which only tp-db carries: every program knows which schema it was made for.
src/migrate/version.c: $(tp_migrations) sql/embed.awk
	$(AM_V_GEN)$(MKDIR_P) src/migrate && LC_ALL=C $(AWK) -v version=1 -f $(srcdir)/sql/embed.awk $(tp_migrations) > $@.tmp && mv $@.tmp $@
