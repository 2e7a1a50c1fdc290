# Manual pages and completions are made from the option tables of the programs just built.
dist_man_MANS += man/tp.7
man_prose = man/tp.1.in man/tp-backtest.1.in man/tp-bot.1.in man/tp-db.1.in man/tp-event.1.in man/tp-order.1.in man/tp-position.1.in man/tp-prices.1.in man/tp-risk.1.in man/tp-strategy.1.in \
            man/tp-symbol.1.in man/tp-user.1.in
EXTRA_DIST += $(man_prose) man/generate.awk man/records.awk man/tp-records.5.in man/generate.sh completions/generate.awk
zshdir = $(datadir)/zsh/site-functions
bashdir = $(datadir)/bash-completion/completions
fishdir = $(datadir)/fish/vendor_completions.d

docs.stamp: $(bin_PROGRAMS) $(srcdir)/man/generate.awk $(srcdir)/man/records.awk $(srcdir)/man/tp-records.5.in $(srcdir)/man/generate.sh $(srcdir)/completions/generate.awk $(man_prose)
	$(AM_V_GEN)AWK='$(AWK)' bash $(srcdir)/man/generate.sh '$(abs_builddir)' '$(abs_builddir)/generated' $(PACKAGE_VERSION) && touch $@
all-local: docs.stamp

install-data-local: docs.stamp
	$(MKDIR_P) '$(DESTDIR)$(mandir)/man1' '$(DESTDIR)$(mandir)/man5' '$(DESTDIR)$(bashdir)' '$(DESTDIR)$(zshdir)' '$(DESTDIR)$(fishdir)'
	$(INSTALL_DATA) generated/man/*.1 '$(DESTDIR)$(mandir)/man1'
	$(INSTALL_DATA) generated/man/*.5 '$(DESTDIR)$(mandir)/man5'
	$(INSTALL_DATA) generated/completions/bash/* '$(DESTDIR)$(bashdir)'
	$(INSTALL_DATA) generated/completions/zsh/* '$(DESTDIR)$(zshdir)'
	$(INSTALL_DATA) generated/completions/fish/* '$(DESTDIR)$(fishdir)'
uninstall-local:
	rm -f '$(DESTDIR)$(mandir)/man5'/tp-records.5
	for p in $(bin_PROGRAMS); do \
	    rm -f '$(DESTDIR)$(mandir)/man1'/$$p.1 '$(DESTDIR)$(bashdir)'/$$p '$(DESTDIR)$(zshdir)'/_$$p '$(DESTDIR)$(fishdir)'/$$p.fish; \
	done
clean-local:
	rm -rf generated
CLEANFILES += docs.stamp
