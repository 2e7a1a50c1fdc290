-- Venues. Running it again brings names, addresses, features and limits up to date and leaves alone
-- whether a venue is switched on.
--   supported_features  candles, funding, orders: what the venue is used for here
--                       quantity_unit BASE or CONTRACT: what the venue itself counts in
--                       candle_limit: rows of one request; max_client_id: characters of an order's own id
--                       headers: sent with every request
--   rate_limits         name -> limit requests (or weight) in seconds, counted per ip, user or symbol
set local role tp_service;

insert into tp.exchanges (code, name, api_base_url, is_testnet, supported_features, rate_limits)
values ('BINANCE', 'Binance USD-M futures', 'https://fapi.binance.com', false,
        '{"candles": true, "funding": true, "orders": true, "hedge_mode": true,
          "quantity_unit": "BASE", "candle_limit": 1500, "max_client_id": 36,
          "intervals": ["1m", "5m", "15m", "30m", "1h", "4h", "1d", "1w"]}',
        '{"weight": {"limit": 2400, "seconds": 60, "scope": "ip"},
          "orders_10s": {"limit": 300, "seconds": 10, "scope": "user"},
          "orders_1m": {"limit": 1200, "seconds": 60, "scope": "user"},
          "funding": {"limit": 500, "seconds": 300, "scope": "ip"}}'),
       ('BYBIT', 'Bybit linear perpetuals', 'https://api.bybit.com', false,
        '{"candles": true, "funding": true, "orders": true, "hedge_mode": true,
          "quantity_unit": "BASE", "candle_limit": 1000, "max_client_id": 36,
          "intervals": ["1m", "5m", "15m", "30m", "1h", "4h", "1d", "1w"]}',
        '{"requests": {"limit": 600, "seconds": 5, "scope": "ip"},
          "orders": {"limit": 10, "seconds": 1, "scope": "user"},
          "queries": {"limit": 50, "seconds": 1, "scope": "user"}}'),
       ('OKX', 'OKX linear swaps', 'https://openapi.okx.com', false,
        '{"candles": true, "funding": true, "orders": true, "hedge_mode": true,
          "quantity_unit": "CONTRACT", "candle_limit": 300, "max_client_id": 32,
          "intervals": ["1m", "5m", "15m", "30m", "1h", "4h", "1d", "1w"]}',
        '{"orders": {"limit": 60, "seconds": 2, "scope": "symbol"},
          "algo_orders": {"limit": 20, "seconds": 2, "scope": "user"},
          "candles": {"limit": 40, "seconds": 2, "scope": "ip"},
          "history_candles": {"limit": 20, "seconds": 2, "scope": "ip"},
          "books": {"limit": 40, "seconds": 2, "scope": "ip"},
          "instruments": {"limit": 20, "seconds": 2, "scope": "ip"},
          "funding": {"limit": 10, "seconds": 2, "scope": "ip"}}'),
       ('BINANCE_SPOT', 'Binance spot, candles only', 'https://api.binance.com', false,
        '{"candles": true, "funding": false, "orders": false, "hedge_mode": false,
          "quantity_unit": "BASE", "candle_limit": 1000,
          "intervals": ["1m", "5m", "15m", "30m", "1h", "4h", "1d", "1w"]}',
        '{"weight": {"limit": 6000, "seconds": 60, "scope": "ip"}}'),
       ('BINANCE_TESTNET', 'Binance USD-M futures, test', 'https://demo-fapi.binance.com', true,
        '{"candles": true, "funding": true, "orders": true, "hedge_mode": true,
          "quantity_unit": "BASE", "candle_limit": 1500, "max_client_id": 36,
          "intervals": ["1m", "5m", "15m", "30m", "1h", "4h", "1d", "1w"]}',
        '{"weight": {"limit": 2400, "seconds": 60, "scope": "ip"},
          "orders_10s": {"limit": 300, "seconds": 10, "scope": "user"},
          "orders_1m": {"limit": 1200, "seconds": 60, "scope": "user"},
          "funding": {"limit": 500, "seconds": 300, "scope": "ip"}}'),
       ('BYBIT_TESTNET', 'Bybit linear perpetuals, test', 'https://api-testnet.bybit.com', true,
        '{"candles": true, "funding": true, "orders": true, "hedge_mode": true,
          "quantity_unit": "BASE", "candle_limit": 1000, "max_client_id": 36,
          "intervals": ["1m", "5m", "15m", "30m", "1h", "4h", "1d", "1w"]}',
        '{"requests": {"limit": 600, "seconds": 5, "scope": "ip"},
          "orders": {"limit": 10, "seconds": 1, "scope": "user"},
          "queries": {"limit": 50, "seconds": 1, "scope": "user"}}'),
       ('OKX_DEMO', 'OKX linear swaps, demo', 'https://openapi.okx.com', true,
        '{"candles": true, "funding": true, "orders": true, "hedge_mode": true,
          "quantity_unit": "CONTRACT", "candle_limit": 300, "max_client_id": 32,
          "headers": {"x-simulated-trading": "1"},
          "intervals": ["1m", "5m", "15m", "30m", "1h", "4h", "1d", "1w"]}',
        '{"orders": {"limit": 60, "seconds": 2, "scope": "symbol"},
          "algo_orders": {"limit": 20, "seconds": 2, "scope": "user"},
          "candles": {"limit": 40, "seconds": 2, "scope": "ip"},
          "history_candles": {"limit": 20, "seconds": 2, "scope": "ip"},
          "books": {"limit": 40, "seconds": 2, "scope": "ip"},
          "instruments": {"limit": 20, "seconds": 2, "scope": "ip"},
          "funding": {"limit": 10, "seconds": 2, "scope": "ip"}}')
    on conflict (code) do update
   set name = excluded.name,
       api_base_url = excluded.api_base_url,
       supported_features = excluded.supported_features,
       rate_limits = excluded.rate_limits
 where (exchanges.name, exchanges.api_base_url, exchanges.supported_features, exchanges.rate_limits)
       is distinct from
       (excluded.name, excluded.api_base_url, excluded.supported_features, excluded.rate_limits);

reset role;
