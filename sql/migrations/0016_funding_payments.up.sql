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

reset role;
