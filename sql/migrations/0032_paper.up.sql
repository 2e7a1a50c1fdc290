-- Phase 5. What trading on paper keeps: how an account trades, what its balance is, the state of the
-- fill engine beside orders and positions, and each day's equity.
set local role tp_owner;

alter table tp.accounts
    add column name varchar(255),
    add column position_mode varchar(10) not null default 'ONE_WAY',
    add column settings jsonb not null default '{}',
    add column balance numeric(28,8) not null default 0,
    add column revision bigint not null default 0,
    add constraint accounts_name_check check (name <> ''),
    add constraint accounts_position_mode_check check (position_mode in ('ONE_WAY', 'HEDGE')),
    add constraint accounts_sum_check check (balance < 'NaN'),
    add constraint accounts_settings_check check (jsonb_typeof(settings) = 'object'),
    add constraint accounts_revision_check check (revision >= 0);
create unique index accounts_name_key on tp.accounts (user_id, name) where name is not null;

-- The balance is the sum of the ledger; keeping it here saves adding up years of fills at each bar.
create function tp.ledger_balance()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update tp.accounts a
       set balance = a.balance + s.amount,
           revision = a.revision + 1
      from (select n.account_id,
                   n.user_id,
                   sum(n.amount) as amount
              from added n
             group by n.account_id, n.user_id) s
     where a.id = s.account_id
       and a.user_id = s.user_id;
    return null;
end
$$;
revoke execute on function tp.ledger_balance() from public;

update tp.accounts a
   set balance = b.balance
  from tp.account_balances b
 where b.account_id = a.id;

create trigger ledger_entries_balance
 after insert on tp.ledger_entries
       referencing new table as added
   for each statement
       execute function tp.ledger_balance();

alter table tp.orders
    add column role varchar(12) not null default 'ENTRY',
    add column reason varchar(64),
    add column work jsonb not null default '{}',
    add constraint orders_role_check
        check (role in ('ENTRY', 'EXIT', 'STOP_LOSS', 'TAKE_PROFIT', 'TRAILING', 'TIME_EXIT', 'END_OF_DATA',
                        'LIQUIDATION')),
    add constraint orders_work_check check (jsonb_typeof(work) = 'object');

alter table tp.positions
    add column book jsonb not null default '{}',
    add constraint positions_book_check check (jsonb_typeof(book) = 'object');

drop view tp.active_orders;
create view tp.active_orders
  with (security_invoker = true)
    as
select id,
       created_at,
       user_id,
       account_id,
       environment,
       position_id,
       position_opened_at,
       parent_order_id,
       parent_order_created_at,
       group_id,
       bot_id,
       api_connection_id,
       exchange_id,
       symbol,
       side,
       reduce_only,
       order_type,
       quantity,
       filled_quantity,
       avg_fill_price,
       price,
       stop_price,
       working_type,
       callback_rate,
       trail_distance,
       activation_price,
       leverage,
       margin_mode,
       position_mode,
       time_in_force,
       expires_at,
       stop_loss,
       take_profit,
       status,
       submit_state,
       reject_reason,
       exchange_order_id,
       exchange_algo_id,
       metadata,
       updated_at,
       filled_at,
       cancelled_at,
       deleted_at,
       role,
       reason,
       work
  from tp.orders
 where deleted_at is null;

drop view tp.active_positions;
create view tp.active_positions
  with (security_invoker = true)
    as
select id,
       opened_at,
       user_id,
       account_id,
       environment,
       bot_id,
       exchange_id,
       symbol,
       side,
       entry_price,
       mark_price,
       liquidation_price,
       quantity,
       realized_pnl,
       unrealized_pnl,
       pnl,
       margin_used,
       pnl_percent,
       stop_loss,
       take_profit,
       leverage,
       margin_mode,
       status,
       closed_at,
       updated_at,
       deleted_at,
       book
  from tp.positions
 where deleted_at is null;

grant select on tp.active_orders to tp_app, tp_service;
grant select on tp.active_positions to tp_app, tp_service;

create table tp.account_equity (
    account_id uuid not null,
    date date not null,
    user_id uuid not null,
    first numeric(20,8) not null,
    high numeric(20,8) not null,
    low numeric(20,8) not null,
    last numeric(20,8) not null,
    marked_at timestamptz not null,
    constraint account_equity_pkey primary key (account_id, date),
    constraint account_equity_account_fk
        foreign key (user_id, account_id) references tp.accounts (user_id, id),
    constraint account_equity_range_check
        check (low <= first and low <= last and high >= first and high >= last and high < 'NaN')
);
create index account_equity_user_idx on tp.account_equity (user_id, date);

alter table tp.account_equity enable row level security;
create policy user_isolation on tp.account_equity
    to tp_app
 using (user_id = (select tp.app_user_id()))
  with check (user_id = (select tp.app_user_id()));
create policy service_all on tp.account_equity
    to tp_service
 using (true)
  with check (true);
create policy readonly_all on tp.account_equity
   for select
    to tp_readonly
 using (true);

grant select, insert, update on tp.account_equity to tp_app, tp_service;
grant select on tp.account_equity to tp_readonly;

comment on column tp.accounts.name is 'What its owner calls it; null: by id alone.';
comment on column tp.accounts.position_mode is
    'ONE_WAY (one position per instrument) or HEDGE (one per instrument and side).';
comment on column tp.accounts.settings is
    'How a paper account fills: {"profile":"conservative","set":{"slippage_bps":"5"}}.';
comment on column tp.accounts.balance is
    'Sum of the account''s ledger in its currency, kept by a trigger.';
comment on column tp.accounts.revision is
    'Raised by every change of the account''s orders, positions or ledger, so that a program that '
    'keeps them in memory sees that others changed them.';
comment on function tp.ledger_balance() is
    'Trigger function: adds new ledger entries to the balance of their accounts.';
comment on column tp.orders.role is
    'What it is for: ENTRY, EXIT, STOP_LOSS, TAKE_PROFIT, TRAILING, TIME_EXIT, END_OF_DATA or LIQUIDATION.';
comment on column tp.orders.reason is 'Rule that asked for it; null: somebody by hand.';
comment on column tp.orders.work is
    'What the fill engine remembers of an order that works; {} once it has ended.';
comment on column tp.positions.book is
    'What the book keeps of a position beside the columns: the cost that its entry price is shown of, '
    'and the round trip so far.';
comment on view tp.active_orders is
    'The rows of orders that are not soft-deleted, under the row security of the reader.';
comment on view tp.active_positions is
    'The rows of positions that are not soft-deleted, under the row security of the reader.';

comment on table tp.account_equity is 'Equity of paper accounts by UTC day, as marked at the closes of bars.';
comment on column tp.account_equity.account_id is 'The account.';
comment on column tp.account_equity.date is 'UTC day of the bars'' open times.';
comment on column tp.account_equity.user_id is 'Owner of the account.';
comment on column tp.account_equity.first is 'Equity at the first mark of the day in the account''s currency.';
comment on column tp.account_equity.high is 'Highest equity of the day.';
comment on column tp.account_equity.low is 'Lowest equity of the day.';
comment on column tp.account_equity.last is 'Equity at the last mark of the day.';
comment on column tp.account_equity.marked_at is 'Time of the last mark.';

reset role;
