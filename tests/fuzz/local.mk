# One fuzz target per text format.  With --enable-fuzz they are libFuzzer programs; without it the driver
# runs them over their corpus in make check.
fuzz_targets = \
    tests/fuzz/fuzz_answer \
    tests/fuzz/fuzz_book \
    tests/fuzz/fuzz_candles \
    tests/fuzz/fuzz_dec \
    tests/fuzz/fuzz_decl \
    tests/fuzz/fuzz_expr \
    tests/fuzz/fuzz_funding \
    tests/fuzz/fuzz_json \
    tests/fuzz/fuzz_record \
    tests/fuzz/fuzz_split \
    tests/fuzz/fuzz_time \
    tests/fuzz/fuzz_yaml
check_PROGRAMS += $(fuzz_targets)
EXTRA_DIST += tests/fuzz/fuzz.h tests/fuzz/corpus

if FUZZ
fuzz_driver =
fuzz_ldflags = $(AM_LDFLAGS) -fsanitize=fuzzer
else
fuzz_driver = tests/fuzz/driver.c
fuzz_ldflags = $(AM_LDFLAGS)
UNIT_TESTS += $(fuzz_targets)
endif

tests_fuzz_fuzz_answer_SOURCES = tests/fuzz/fuzz_answer.c $(fuzz_driver)
tests_fuzz_fuzz_answer_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_book_SOURCES = tests/fuzz/fuzz_book.c $(fuzz_driver)
tests_fuzz_fuzz_book_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_candles_SOURCES = tests/fuzz/fuzz_candles.c $(fuzz_driver)
tests_fuzz_fuzz_candles_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_dec_SOURCES = tests/fuzz/fuzz_dec.c $(fuzz_driver)
tests_fuzz_fuzz_dec_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_decl_SOURCES = tests/fuzz/fuzz_decl.c $(fuzz_driver)
tests_fuzz_fuzz_decl_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_json_SOURCES = tests/fuzz/fuzz_json.c $(fuzz_driver)
tests_fuzz_fuzz_json_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_record_SOURCES = tests/fuzz/fuzz_record.c $(fuzz_driver)
tests_fuzz_fuzz_record_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_split_SOURCES = tests/fuzz/fuzz_split.c $(fuzz_driver)
tests_fuzz_fuzz_split_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_time_SOURCES = tests/fuzz/fuzz_time.c $(fuzz_driver)
tests_fuzz_fuzz_time_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_expr_SOURCES = tests/fuzz/fuzz_expr.c $(fuzz_driver)
tests_fuzz_fuzz_expr_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_funding_SOURCES = tests/fuzz/fuzz_funding.c $(fuzz_driver)
tests_fuzz_fuzz_funding_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_yaml_SOURCES = tests/fuzz/fuzz_yaml.c $(fuzz_driver)
tests_fuzz_fuzz_yaml_LDFLAGS = $(fuzz_ldflags)

# make fuzz: each target for FUZZ_SECONDS from its corpus, in a tree configured with --enable-fuzz CC=clang.
# What breaks a promise stays as a file in fuzz/.
.PHONY: fuzz
if FUZZ
fuzz: $(BUILT_SOURCES)
	$(AM_V_at)$(MAKE) $(AM_MAKEFLAGS) $(fuzz_targets)
	$(AM_V_at)FUZZ_SECONDS=$${FUZZ_SECONDS:-10} bash $(srcdir)/tests/fuzz/run.sh $(fuzz_targets)
else
fuzz:
	@echo "make fuzz: this tree was configured without --enable-fuzz CC=clang" >&2; exit 1
endif
EXTRA_DIST += tests/fuzz/run.sh
