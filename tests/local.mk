# make check: units, then command-line tests, then lint.  check-units runs the fast part alone.
BATS_TESTS =
include tests/unit/local.mk
include tests/sql/local.mk
include tests/cli/local.mk

TEST_EXTENSIONS = .bats .sh
TESTS = $(UNIT_TESTS) $(BATS_TESTS)
BATS_LOG_DRIVER = $(LOG_DRIVER)
BATS_LOG_COMPILER = bats
AM_BATS_LOG_FLAGS = --tap
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
EXTRA_DIST += build-aux/tap-driver.sh

.PHONY: check-units
check-units: $(UNIT_TESTS)
	$(AM_V_at)$(MAKE) $(AM_MAKEFLAGS) check-TESTS TESTS='$(UNIT_TESTS)'
