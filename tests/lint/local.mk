# Rules about the source itself, as tests.
LINT_TESTS = tests/lint/layers.sh tests/lint/banned-words.sh tests/lint/shell.sh tests/lint/docs.sh
EXTRA_DIST += $(LINT_TESTS) tests/lint/tap.bash
EXTRA_DIST += tests/lint/analyze.sh tests/lint/analyzer.allow .clang-tidy

.PHONY: analyze
analyze: all
	$(AM_V_at)bash $(srcdir)/tests/lint/analyze.sh $(srcdir) .
clean-analyze:
	rm -rf analyze
clean-local: clean-analyze
