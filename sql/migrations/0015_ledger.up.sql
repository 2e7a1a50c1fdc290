-- Phase 2. Cash movements of accounts, append-only, and the balance that follows from them.
set local role tp_owner;

create table tp.ledger_entries (
    id uuid not null default tp.uuid_v7(),
    user_id uuid not null,
    account_id uuid not null,
    at timestamptz not null,
    kind varchar(12) not null,
    amount numeric(20,8) not null,
    trade_id uuid,
    trade_executed_at timestamptz generated always as (tp.uuid_v7_time(trade_id)) stored,
    position_id uuid,
    position_opened_at timestamptz generated always as (tp.uuid_v7_time(position_id)) stored,
    constraint ledger_entries_pkey primary key (id),
    constraint ledger_entries_account_fk
        foreign key (user_id, account_id) references tp.accounts (user_id, id),
    constraint ledger_entries_trade_fk
        foreign key (user_id, trade_executed_at, trade_id)
        references tp.trades (user_id, executed_at, id),
    constraint ledger_entries_position_fk
        foreign key (user_id, position_opened_at, position_id)
        references tp.positions (user_id, opened_at, id),
    constraint ledger_entries_kind_check
        check (kind in ('DEPOSIT', 'FEE', 'PNL', 'FUNDING', 'LIQUIDATION', 'ADJUST')),
    constraint ledger_entries_amount_check check (amount < 'NaN')
);
create index ledger_entries_account_idx on tp.ledger_entries (account_id, at);
create index ledger_entries_user_idx on tp.ledger_entries (user_id, at);
-- a fill and a funding stamp are booked once
create unique index ledger_entries_trade_key on tp.ledger_entries (trade_id, kind)
 where trade_id is not null;
create unique index ledger_entries_funding_key on tp.ledger_entries (position_id, at)
 where kind = 'FUNDING';
create index ledger_entries_position_idx on tp.ledger_entries (position_id)
 where position_id is not null;

create function tp.ledger_append_only()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception using
        errcode = 'restrict_violation',
        message = 'the ledger is append-only';
end
$$;

create trigger ledger_entries_append_only
 before update or delete or truncate on tp.ledger_entries
   for each statement
       execute function tp.ledger_append_only();

create view tp.account_balances
  with (security_invoker = true)
    as
select a.id as account_id,
       a.user_id,
       a.exchange_id,
       a.environment,
       a.currency,
       coalesce(sum(l.amount), 0)::numeric(28,8) as balance,
       max(l.at) as last_entry_at
  from tp.accounts a
  left join tp.ledger_entries l
    on l.account_id = a.id
   and l.user_id = a.user_id
 group by a.id, a.user_id, a.exchange_id, a.environment, a.currency;

alter table tp.ledger_entries enable row level security;
create policy user_isolation on tp.ledger_entries
    to tp_app
 using (user_id = (select tp.app_user_id()))
  with check (user_id = (select tp.app_user_id()));
create policy service_all on tp.ledger_entries
    to tp_service
 using (true)
  with check (true);
create policy readonly_all on tp.ledger_entries
   for select
    to tp_readonly
 using (true);

grant select, insert on tp.ledger_entries to tp_app, tp_service;
grant select on tp.ledger_entries to tp_readonly;
grant select on tp.account_balances to tp_app, tp_service, tp_readonly;

comment on table tp.ledger_entries is
    'Cash movements of accounts. Append-only; the balance is their sum.';
comment on column tp.ledger_entries.id is 'UUID version 7.';
comment on column tp.ledger_entries.user_id is 'Owner.';
comment on column tp.ledger_entries.account_id is 'The account.';
comment on column tp.ledger_entries.at is 'When the money moved.';
comment on column tp.ledger_entries.kind is
    'DEPOSIT, FEE, PNL, FUNDING, LIQUIDATION or ADJUST (withdrawals too).';
comment on column tp.ledger_entries.amount is
    'In the currency of the account; above 0 raises the balance.';
comment on column tp.ledger_entries.trade_id is
    'Fill that caused it; a fill is booked once per kind.';
comment on column tp.ledger_entries.trade_executed_at is
    'Generated from trade_id for the foreign key.';
comment on column tp.ledger_entries.position_id is
    'Position that caused it; funding is booked once per position and time.';
comment on column tp.ledger_entries.position_opened_at is
    'Generated from position_id for the foreign key.';

comment on function tp.ledger_append_only() is
    'Trigger function: refuses update, delete and truncate.';

comment on view tp.account_balances is
    'Balance of each account: the sum of its ledger, under the row security of the reader.';
comment on column tp.account_balances.account_id is 'The account.';
comment on column tp.account_balances.user_id is 'Owner.';
comment on column tp.account_balances.exchange_id is 'The venue.';
comment on column tp.account_balances.environment is 'PAPER, TESTNET or PRODUCTION.';
comment on column tp.account_balances.currency is 'What the balance is in.';
comment on column tp.account_balances.balance is 'Sum of the ledger entries; 0 without any.';
comment on column tp.account_balances.last_entry_at is 'Time of the newest entry.';

reset role;
