-- Phase 2. Funding paid and received per position; without it realised profit would be wrong.
set local role tp_owner;

create table tp.funding_payments (
    user_id uuid not null,
    position_id uuid not null,
    position_opened_at timestamptz not null generated always as (tp.uuid_v7_time(position_id)) stored,
    funding_time timestamptz not null,
    rate numeric(18,12) not null,
    amount numeric(20,8) not null,
    currency varchar(20) not null,
    constraint funding_payments_pkey primary key (user_id, position_id, funding_time),
    constraint funding_payments_position_fk
        foreign key (user_id, position_opened_at, position_id)
        references tp.positions (user_id, opened_at, id),
    constraint funding_payments_numbers_check check (rate < 'NaN' and amount < 'NaN')
);

alter table tp.funding_payments enable row level security;
create policy user_isolation on tp.funding_payments
    to tp_app
 using (user_id = (select tp.app_user_id()))
  with check (user_id = (select tp.app_user_id()));
create policy service_all on tp.funding_payments
    to tp_service
 using (true)
  with check (true);
create policy readonly_all on tp.funding_payments
   for select
    to tp_readonly
 using (true);

grant select, insert on tp.funding_payments to tp_app, tp_service;
grant select on tp.funding_payments to tp_readonly;

comment on table tp.funding_payments is 'Funding paid or received by a position at a funding time.';
comment on column tp.funding_payments.user_id is 'Owner.';
comment on column tp.funding_payments.position_id is 'The position.';
comment on column tp.funding_payments.position_opened_at is
    'Generated from position_id for the foreign key.';
comment on column tp.funding_payments.funding_time is 'The funding time.';
comment on column tp.funding_payments.rate is 'Rate of that time as a fraction of notional.';
comment on column tp.funding_payments.amount is 'In currency; above 0 received, below 0 paid.';
comment on column tp.funding_payments.currency is 'Currency of the amount.';

reset role;
