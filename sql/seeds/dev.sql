-- Sample symbols and a demo user, for trying things out. Needs the venues of exchanges.sql.
-- DEMOUSDT is no real instrument: invented candles go there.
-- What is there already stays as it is: a later sync knows a symbol's filters better than this file.
set local role tp_service;

insert into tp.symbols (exchange_id, symbol, base_currency, quote_currency, settle_currency, market_type,
                        tick_size, step_size, min_quantity, max_quantity, min_notional,
                        price_precision, quantity_precision, maker_fee_rate, taker_fee_rate)
select e.id, s.symbol, s.base_currency, 'USDT', 'USDT', s.market_type,
       s.tick_size, s.step_size, s.min_quantity, s.max_quantity, s.min_notional,
       s.price_precision, s.quantity_precision, s.maker_fee_rate, s.taker_fee_rate
  from (values
           ('BINANCE_SPOT', 'BTCUSDT', 'BTC', 'SPOT', 0.01, 0.00001, 0.00001, 9000, 5, 2, 5, 0.001, 0.001),
           ('BINANCE_SPOT', 'ETHUSDT', 'ETH', 'SPOT', 0.01, 0.0001, 0.0001, 9000, 5, 2, 4, 0.001, 0.001),
           ('BINANCE_SPOT', 'BNBUSDT', 'BNB', 'SPOT', 0.01, 0.001, 0.001, 900000, 5, 2, 3, 0.001, 0.001),
           ('BINANCE_SPOT', 'SOLUSDT', 'SOL', 'SPOT', 0.01, 0.001, 0.001, 90000, 5, 2, 3, 0.001, 0.001),
           ('BINANCE_SPOT', 'XRPUSDT', 'XRP', 'SPOT', 0.0001, 0.1, 0.1, 9222449, 5, 4, 1, 0.001, 0.001),
           ('BINANCE', 'BTCUSDT', 'BTC', 'LINEAR', 0.1, 0.001, 0.001, 1000, 100, 1, 3, 0.0002, 0.0005),
           ('BINANCE', 'ETHUSDT', 'ETH', 'LINEAR', 0.01, 0.001, 0.001, 10000, 20, 2, 3, 0.0002, 0.0005),
           ('BINANCE', 'BNBUSDT', 'BNB', 'LINEAR', 0.01, 0.01, 0.01, 100000, 5, 2, 2, 0.0002, 0.0005),
           ('BINANCE', 'SOLUSDT', 'SOL', 'LINEAR', 0.01, 1, 1, 1000000, 5, 2, 0, 0.0002, 0.0005),
           ('BINANCE', 'DEMOUSDT', 'DEMO', 'LINEAR', 0.01, 0.001, 0.001, 10000, 5, 2, 3, 0.0002, 0.0005),
           ('BINANCE', 'XRPUSDT', 'XRP', 'LINEAR', 0.0001, 0.1, 0.1, 1000000, 5, 4, 1, 0.0002, 0.0005)
       ) as s (exchange, symbol, base_currency, market_type, tick_size, step_size, min_quantity, max_quantity,
               min_notional, price_precision, quantity_precision, maker_fee_rate, taker_fee_rate)
  join tp.exchanges e
    on e.code = s.exchange
    on conflict (exchange_id, symbol) do nothing;

-- "!" is the hash of no password: nobody can log in as the demo user
insert into tp.users (email, password_hash, full_name)
values ('demo@example.com', '!', 'Demo')
    on conflict (lower(email)) where deleted_at is null do nothing;

reset role;
