-- Phase 4. One row per bot and day.
set local role tp_owner;

create table tp.bot_performance (
    bot_id uuid not null,
    date date not null,
    user_id uuid not null,
    currency varchar(20) not null default 'USDT',
    daily_pnl numeric(20,8) not null default 0,
    cumulative_pnl numeric(20,8) not null default 0,
    trades_count integer not null default 0,
    winning_trades integer not null default 0,
    losing_trades integer not null default 0,
    win_rate numeric(5,2),
    sharpe_ratio numeric(10,4),
    max_drawdown numeric(10,4),
    total_volume numeric(28,8) not null default 0,
    total_fees numeric(20,8) not null default 0,
    detailed_metrics jsonb not null default '{}',
    created_at timestamptz not null default now(),
    constraint bot_performance_pkey primary key (bot_id, date),
    constraint bot_performance_bot_fk foreign key (user_id, bot_id) references tp.bots (user_id, id),
    constraint bot_performance_counts_check
        check (winning_trades >= 0 and losing_trades >= 0 and winning_trades + losing_trades <= trades_count),
    constraint bot_performance_numbers_check
        check (daily_pnl < 'NaN'
               and cumulative_pnl < 'NaN'
               and win_rate between 0 and 100
               and sharpe_ratio < 'NaN'
               and max_drawdown >= 0 and max_drawdown < 'NaN'
               and total_volume >= 0 and total_volume < 'NaN'
               and total_fees < 'NaN'),
    constraint bot_performance_metrics_check check (jsonb_typeof(detailed_metrics) = 'object')
) partition by range (date);
create index bot_performance_user_idx on tp.bot_performance (user_id, date desc);

insert into tp.partition_policies (parent, step, premake, retention)
values ('tp.bot_performance', '3 months', 4, null);

alter table tp.bot_performance enable row level security;
create policy user_isolation on tp.bot_performance
    to tp_app
 using (user_id = (select tp.app_user_id()))
  with check (user_id = (select tp.app_user_id()));
create policy service_all on tp.bot_performance
    to tp_service
 using (true)
  with check (true);
create policy readonly_all on tp.bot_performance
   for select
    to tp_readonly
 using (true);

grant select, insert, update on tp.bot_performance to tp_app;
grant select, insert, update, delete on tp.bot_performance to tp_service;
grant select on tp.bot_performance to tp_readonly;

comment on table tp.bot_performance is 'Results of a bot per UTC day. Partitioned by quarter.';
comment on column tp.bot_performance.bot_id is 'The bot.';
comment on column tp.bot_performance.date is 'UTC day.';
comment on column tp.bot_performance.user_id is 'Owner.';
comment on column tp.bot_performance.currency is 'Currency of every amount in the row.';
comment on column tp.bot_performance.daily_pnl is 'Result of the day after fees and funding.';
comment on column tp.bot_performance.cumulative_pnl is 'Result since the bot began.';
comment on column tp.bot_performance.trades_count is 'Trades closed on the day.';
comment on column tp.bot_performance.winning_trades is 'Of them with a result above 0.';
comment on column tp.bot_performance.losing_trades is 'Of them with a result below 0.';
comment on column tp.bot_performance.win_rate is 'Percent, 0 to 100; null without trades.';
comment on column tp.bot_performance.sharpe_ratio is
    'Up to the day, by the year of 365 days; null where not defined.';
comment on column tp.bot_performance.max_drawdown is
    'Largest fall from a peak up to the day, percent.';
comment on column tp.bot_performance.total_volume is 'Traded value of the day.';
comment on column tp.bot_performance.total_fees is 'Fees of the day; below 0 rebates.';
comment on column tp.bot_performance.detailed_metrics is 'Further figures, a JSON object.';
comment on column tp.bot_performance.created_at is 'When the row was first written.';

reset role;
