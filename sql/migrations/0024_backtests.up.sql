-- Phase 4. Stored backtests.
set local role tp_owner;

create table tp.backtests (
    id uuid not null default tp.uuid_v7(),
    user_id uuid not null,
    strategy_id uuid not null,
    bot_id uuid,
    exchange_id integer not null,
    symbol varchar(80) not null,
    timeframe varchar(10) not null,
    start_date date not null,
    end_date date not null,
    initial_capital numeric(20,8) not null,
    final_equity numeric(20,8),
    total_trades integer not null default 0,
    winning_trades integer not null default 0,
    losing_trades integer not null default 0,
    win_rate numeric(5,2),
    sharpe_ratio numeric(10,4),
    sortino_ratio numeric(10,4),
    max_drawdown numeric(10,4),
    max_drawdown_duration_hours numeric(12,2),
    profit_factor numeric(10,4),
    avg_win numeric(20,8),
    avg_loss numeric(20,8),
    largest_win numeric(20,8),
    largest_loss numeric(20,8),
    results jsonb,
    equity_curve jsonb,
    metrics jsonb,
    created_at timestamptz not null default now(),
    deleted_at timestamptz,
    constraint backtests_pkey primary key (id),
    constraint backtests_user_fk foreign key (user_id) references tp.users (id),
    constraint backtests_strategy_fk foreign key (strategy_id) references tp.strategies (id),
    constraint backtests_bot_fk foreign key (user_id, bot_id) references tp.bots (user_id, id),
    constraint backtests_symbol_fk
        foreign key (exchange_id, symbol) references tp.symbols (exchange_id, symbol),
    constraint backtests_timeframe_check
        check (timeframe in ('1m', '5m', '15m', '30m', '1h', '4h', '1d', '1w')),
    constraint backtests_dates_check check (start_date <= end_date),
    constraint backtests_counts_check
        check (winning_trades >= 0 and losing_trades >= 0 and winning_trades + losing_trades <= total_trades),
    constraint backtests_numbers_check
        check (initial_capital > 0 and initial_capital < 'NaN'
               and final_equity < 'NaN'
               and win_rate between 0 and 100
               and sharpe_ratio < 'NaN'
               and sortino_ratio < 'NaN'
               and max_drawdown >= 0 and max_drawdown < 'NaN'
               and max_drawdown_duration_hours >= 0 and max_drawdown_duration_hours < 'NaN'
               and profit_factor >= 0 and profit_factor < 'NaN'
               and avg_win < 'NaN'
               and avg_loss < 'NaN'
               and largest_win < 'NaN'
               and largest_loss < 'NaN')
);
create index backtests_strategy_idx on tp.backtests (strategy_id, created_at);
create index backtests_bot_idx on tp.backtests (bot_id, created_at) where bot_id is not null;
create index backtests_user_idx on tp.backtests (user_id, created_at desc);
create index idx_backtests_deleted on tp.backtests (deleted_at) where deleted_at is not null;

create trigger backtests_strategy_visible
before insert or update of strategy_id, user_id on tp.backtests
   for each row
       execute function tp.check_strategy_visible();

alter table tp.backtests enable row level security;
create policy user_isolation on tp.backtests
    to tp_app
 using (user_id = (select tp.app_user_id()))
  with check (user_id = (select tp.app_user_id()));
create policy service_all on tp.backtests
    to tp_service
 using (true)
  with check (true);
create policy readonly_all on tp.backtests
   for select
    to tp_readonly
 using (true);

create view tp.active_backtests
  with (security_invoker = true)
    as
select id,
       user_id,
       strategy_id,
       bot_id,
       exchange_id,
       symbol,
       timeframe,
       start_date,
       end_date,
       initial_capital,
       final_equity,
       total_trades,
       winning_trades,
       losing_trades,
       win_rate,
       sharpe_ratio,
       sortino_ratio,
       max_drawdown,
       max_drawdown_duration_hours,
       profit_factor,
       avg_win,
       avg_loss,
       largest_win,
       largest_loss,
       results,
       equity_curve,
       metrics,
       created_at,
       deleted_at
  from tp.backtests
 where deleted_at is null;

grant select, insert, update on tp.backtests to tp_app;
grant select, insert, update, delete on tp.backtests to tp_service;
grant select on tp.backtests to tp_readonly;
grant select on tp.active_backtests to tp_app, tp_service;

comment on table tp.backtests is 'Results of stored backtests.';
comment on column tp.backtests.id is 'UUID version 7.';
comment on column tp.backtests.user_id is
    'Who ran it; not the strategy''s owner when that is public.';
comment on column tp.backtests.strategy_id is 'The strategy.';
comment on column tp.backtests.bot_id is 'Bot whose settings were used; null: none.';
comment on column tp.backtests.exchange_id is 'The venue.';
comment on column tp.backtests.symbol is 'The instrument.';
comment on column tp.backtests.timeframe is 'Interval of the bars.';
comment on column tp.backtests.start_date is 'UTC day of the open time of the first bar.';
comment on column tp.backtests.end_date is 'UTC day of the open time of the last bar.';
comment on column tp.backtests.initial_capital is 'In quote currency.';
comment on column tp.backtests.final_equity is 'In quote currency.';
comment on column tp.backtests.total_trades is 'Closed trades.';
comment on column tp.backtests.winning_trades is 'Trades with a result above 0 after fees.';
comment on column tp.backtests.losing_trades is 'Trades with a result below 0 after fees.';
comment on column tp.backtests.win_rate is 'Percent, 0 to 100; null without trades.';
comment on column tp.backtests.sharpe_ratio is
    'Of daily returns, by the year of 365 days; null where not defined.';
comment on column tp.backtests.sortino_ratio is
    'Of daily returns, by the year of 365 days; null where not defined.';
comment on column tp.backtests.max_drawdown is 'Largest fall of equity from a peak, percent.';
comment on column tp.backtests.max_drawdown_duration_hours is 'Longest time below a peak, hours.';
comment on column tp.backtests.profit_factor is
    'Gross profit over gross loss; null without a loss.';
comment on column tp.backtests.avg_win is 'Mean result of winning trades in quote currency.';
comment on column tp.backtests.avg_loss is 'Mean result of losing trades in quote currency.';
comment on column tp.backtests.largest_win is 'Best result in quote currency.';
comment on column tp.backtests.largest_loss is 'Worst result in quote currency.';
comment on column tp.backtests.results is 'Array of backtest_trade records, at most 100,000.';
comment on column tp.backtests.equity_curve is
    'Array of [time, equity]: one per UTC day, and each new peak and trough.';
comment on column tp.backtests.metrics is
    'Further figures, settings, instrument, data fingerprint, strategy hash and engine '
    'version.';
comment on column tp.backtests.created_at is 'When it was stored.';
comment on column tp.backtests.deleted_at is 'Soft delete; null while live.';

comment on view tp.active_backtests is
    'The rows of backtests that are not soft-deleted, under the row security of the reader.';

reset role;
