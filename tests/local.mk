# make check: units, then command-line tests, then lint.  check-units runs the fast part alone.
BATS_TESTS =
include tests/unit/local.mk
include tests/fuzz/local.mk
include tests/sql/local.mk
include tests/cli/local.mk
include tests/lint/local.mk
include tests/torture/local.mk

check_PROGRAMS += tests/lib/cutproxy
tests_lib_cutproxy_SOURCES = tests/lib/cutproxy.c
tests_lib_cutproxy_LDADD =
check_PROGRAMS += tests/lib/placer
tests_lib_placer_SOURCES = tests/lib/placer.c

TEST_EXTENSIONS = .bats .sh
TESTS = $(UNIT_TESTS) $(BATS_TESTS) $(LINT_TESTS)
# Tests find the programs and the source by these.
AM_TESTS_ENVIRONMENT = TP_BUILD='$(abs_builddir)'; TP_SRC='$(abs_top_srcdir)'; export TP_BUILD TP_SRC;
BATS_LOG_DRIVER = $(LOG_DRIVER)
# A file that waits for ever has failed.  The limit of bats for one test will not do: a plain wait in it waits for
# the watchdog too.
BATS_LOG_COMPILER = timeout -k 10 1500 bats
AM_BATS_LOG_FLAGS = --tap
SH_LOG_DRIVER = $(LOG_DRIVER)
SH_LOG_COMPILER = bash
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
EXTRA_DIST += build-aux/tap-driver.sh

.PHONY: check-units
check-units: $(UNIT_TESTS)
	$(AM_V_at)$(MAKE) $(AM_MAKEFLAGS) check-TESTS TESTS='$(UNIT_TESTS)'
