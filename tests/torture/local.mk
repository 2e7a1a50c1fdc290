# Exhaustive runs, too long for make check; POINTS, CALLS, EVENTS, ORDERS, KILLS and SEED change how many and which.
torture_tests = tests/torture/kill.bats tests/torture/orders.bats tests/torture/silent.bats
EXTRA_DIST += $(torture_tests)

.PHONY: torture
torture: all tests/lib/cutproxy
	cd $(srcdir) && TP_BUILD='$(abs_builddir)' POINTS=$${POINTS:-200} CALLS=$${CALLS:-all} EVENTS=$${EVENTS:-20000} bats --tap tests/cli/faults.bats tests/cli/event-chaos.bats tests/cli/kills.bats $(torture_tests)
