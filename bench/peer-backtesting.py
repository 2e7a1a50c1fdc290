"""P3, P4: the SMA cross 10/50 of bench/p03-backtest.bash in backtesting.py: FILE, then 'ns' for the engine alone."""
import sys
import time

import pandas as pd
from backtesting import Backtest, Strategy
from backtesting.lib import crossover


def mean(values, n):
    return pd.Series(values).rolling(n).mean()


class Cross(Strategy):
    def init(self):
        self.fast = self.I(mean, self.data.Close, 10)
        self.slow = self.I(mean, self.data.Close, 50)

    def next(self):
        if crossover(self.fast, self.slow):
            self.position.close()
            self.buy(size=0.95)
        elif crossover(self.slow, self.fast):
            self.position.close()
            self.sell(size=0.95)


bars = pd.read_csv(
    sys.argv[1], header=None, usecols=range(6), names=["Time", "Open", "High", "Low", "Close", "Volume"]
)
bars.index = pd.to_datetime(bars.pop("Time"), unit="ms")
test = Backtest(bars, Cross, cash=100_000_000, commission=0.0005, exclusive_orders=False)
began = time.perf_counter()
result = test.run()
spent = time.perf_counter() - began
if sys.argv[2:] == ["ns"]:
    print(f"{spent / len(bars) * 1e9:.1f}")
else:
    print(result["# Trades"], result["Equity Final [$]"])
