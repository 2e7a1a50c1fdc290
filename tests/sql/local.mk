# The schema, the migrations as files and every statement, against throw-away servers.
BATS_TESTS += tests/sql/schema.bats tests/sql/migrations.bats tests/sql/statements.bats tests/sql/names.bats tests/sql/records.bats
EXTRA_DIST += tests/lib/pg.bash tests/lib/programs.bash tests/sql/schema.bats tests/sql/migrations.bats tests/sql/statements.bats tests/sql/names.bats tests/sql/records.bats
