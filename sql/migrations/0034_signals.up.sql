-- Phase 2. Signals from outside that were obeyed under an id: said again, they are answered and not obeyed again.
set local role tp_owner;

create table tp.signals (
    user_id uuid not null,
    id varchar(255) not null,
    created_at timestamptz not null default now(),
    account_id uuid not null,
    environment varchar(20) not null,
    exchange_id integer not null,
    symbol varchar(80) not null,
    target varchar(10) not null,
    qty numeric(20,8) not null,
    cancelled integer not null,
    long_order_id uuid,
    short_order_id uuid,
    reject_reason varchar(255),
    constraint signals_pkey primary key (user_id, id),
    constraint signals_user_fk foreign key (user_id) references tp.users (id),
    constraint signals_account_fk
        foreign key (user_id, account_id, exchange_id, environment)
        references tp.accounts (user_id, id, exchange_id, environment),
    constraint signals_symbol_fk foreign key (exchange_id, symbol) references tp.symbols (exchange_id, symbol),
    constraint signals_id_check check (id <> ''),
    constraint signals_target_check check (target in ('LONG', 'SHORT', 'FLAT')),
    constraint signals_qty_check
        check (case when target = 'FLAT' then qty = 0 else qty > 0 end and qty < 'NaN'),
    constraint signals_cancelled_check check (cancelled >= 0)
);
create index signals_account_idx on tp.signals (account_id);
create index signals_symbol_idx on tp.signals (exchange_id, symbol);

alter table tp.signals enable row level security;
create policy user_isolation on tp.signals
    to tp_app
 using (user_id = (select tp.app_user_id()))
  with check (user_id = (select tp.app_user_id()));
create policy service_all on tp.signals
    to tp_service
 using (true)
  with check (true);
create policy readonly_all on tp.signals
   for select
    to tp_readonly
 using (true);

grant select, insert on tp.signals to tp_app;
grant select, insert, delete on tp.signals to tp_service;
grant select on tp.signals to tp_readonly;

comment on table tp.signals is
    'Positions that were asked for from outside under an id, with the orders they made.';
comment on column tp.signals.user_id is 'Owner.';
comment on column tp.signals.id is 'What the sender calls it; once per user.';
comment on column tp.signals.created_at is 'When it was obeyed.';
comment on column tp.signals.account_id is 'The account.';
comment on column tp.signals.environment is 'PAPER, TESTNET or PRODUCTION, of the account.';
comment on column tp.signals.exchange_id is 'The venue.';
comment on column tp.signals.symbol is 'The instrument.';
comment on column tp.signals.target is 'The position asked for: LONG, SHORT or FLAT.';
comment on column tp.signals.qty is 'Its size in base currency; 0 of FLAT.';
comment on column tp.signals.cancelled is 'How many orders of the signal before it ended.';
comment on column tp.signals.long_order_id is 'Order that changes the long position; null: none.';
comment on column tp.signals.short_order_id is 'Order that changes the short position; null: none.';
comment on column tp.signals.reject_reason is 'Why one of them was refused; null: none was.';

reset role;
