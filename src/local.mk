# libtp.a: one fragment per folder; the programs stand in src/cmd/local.mk.
include src/base/local.mk
include src/market/local.mk
include src/migrate/local.mk
include src/trade/local.mk
include src/strategy/local.mk
include src/strategy/indicator/local.mk
include src/proc/local.mk
include src/risk/local.mk
include src/bot/local.mk
include src/backtest/local.mk
include src/report/local.mk
include src/exchange/local.mk
include src/store/local.mk
include src/cmd/local.mk
