# backtest: nothing yet
