-- Phase 5. Alerts, the state of their evaluation, and the outbox of their messages.
set local role tp_owner;

create table tp.alerts (
    id uuid not null default tp.uuid_v7(),
    user_id uuid not null,
    symbol varchar(80),
    exchange_id integer,
    type varchar(20) not null,
    condition jsonb not null,
    threshold numeric(20,8),
    status varchar(20) not null default 'ACTIVE',
    notification_channel varchar(20) not null,
    notification_config jsonb not null default '{}',
    metadata jsonb not null default '{}',
    triggered_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    expires_at timestamptz,
    constraint alerts_pkey primary key (id),
    constraint alerts_tenant_key unique (user_id, id),
    constraint alerts_user_fk foreign key (user_id) references tp.users (id),
    constraint alerts_symbol_fk
        foreign key (exchange_id, symbol) references tp.symbols (exchange_id, symbol),
    -- with one of the two null the foreign key would not be checked
    constraint alerts_symbol_pair_check check ((symbol is null) = (exchange_id is null)),
    constraint alerts_type_check check (type in ('PRICE', 'PNL', 'RISK', 'SYSTEM', 'FUNDING_RATE')),
    constraint alerts_condition_check check (jsonb_typeof(condition) = 'object'),
    constraint alerts_market_needs_symbol
        check (type not in ('PRICE', 'FUNDING_RATE')
               or (symbol is not null and (threshold is not null or condition ? 'expr'))),
    constraint alerts_threshold_check check (threshold < 'NaN'),
    constraint alerts_status_check check (status in ('ACTIVE', 'TRIGGERED', 'DISABLED', 'EXPIRED')),
    constraint alerts_channel_check check (notification_channel in ('EMAIL', 'TELEGRAM', 'WEBHOOK', 'SMS')),
    constraint alerts_config_check
        check (jsonb_typeof(notification_config) = 'object' and jsonb_typeof(metadata) = 'object'),
    constraint alerts_triggered_check check (status <> 'TRIGGERED' or triggered_at is not null)
);
create index alerts_user_idx on tp.alerts (user_id, symbol, status);
create index alerts_status_idx on tp.alerts (status, created_at);
-- now() cannot stand in an index predicate: expiry is compared in the query
create index idx_alerts_active on tp.alerts (user_id, symbol, type) include (expires_at)
 where status = 'ACTIVE';
create index alerts_active_symbol_idx on tp.alerts (exchange_id, symbol, type)
 where status = 'ACTIVE';
create index alerts_active_expiry_idx on tp.alerts (expires_at)
 where status = 'ACTIVE' and expires_at is not null;

create table tp.alert_states (
    id bigint generated always as identity,
    user_id uuid not null,
    alert_id uuid not null,
    exchange_id integer,
    symbol varchar(80),
    state varchar(10) not null default 'INACTIVE',
    since timestamptz not null default now(),
    edge_seq bigint not null default 0,
    breaches integer not null default 0,
    clears integer not null default 0,
    previous_value numeric(28,12),
    last_value numeric(28,12),
    data_time timestamptz,
    evaluated_at timestamptz,
    cooldown_until timestamptz,
    notified_at timestamptz,
    constraint alert_states_pkey primary key (id),
    constraint alert_states_alert_key unique nulls not distinct (alert_id, exchange_id, symbol),
    constraint alert_states_alert_fk
        foreign key (user_id, alert_id) references tp.alerts (user_id, id)
        on delete cascade,
    constraint alert_states_symbol_fk
        foreign key (exchange_id, symbol) references tp.symbols (exchange_id, symbol),
    constraint alert_states_symbol_pair_check check ((symbol is null) = (exchange_id is null)),
    constraint alert_states_state_check
        check (state in ('INACTIVE', 'PENDING', 'FIRING', 'RESOLVED', 'UNKNOWN')),
    constraint alert_states_counts_check check (edge_seq >= 0 and breaches >= 0 and clears >= 0),
    constraint alert_states_values_check check (previous_value < 'NaN' and last_value < 'NaN')
);
create index alert_states_user_idx on tp.alert_states (user_id, alert_id);

create table tp.alert_deliveries (
    id uuid not null default tp.uuid_v7(),
    user_id uuid not null,
    alert_id uuid,
    edge_seq bigint not null,
    channel varchar(20) not null,
    dedup_key varchar(255) not null,
    payload jsonb not null default '{}',
    status varchar(10) not null default 'PENDING',
    attempts integer not null default 0,
    next_at timestamptz not null default now(),
    provider_id varchar(255),
    last_error text,
    created_at timestamptz not null default now(),
    sent_at timestamptz,
    constraint alert_deliveries_pkey primary key (id),
    constraint alert_deliveries_dedup_key unique (user_id, dedup_key),
    constraint alert_deliveries_user_fk foreign key (user_id) references tp.users (id),
    -- the message log outlives its alert
    constraint alert_deliveries_alert_fk
        foreign key (user_id, alert_id) references tp.alerts (user_id, id)
        on delete set null (alert_id),
    constraint alert_deliveries_channel_check check (channel in ('EMAIL', 'TELEGRAM', 'WEBHOOK', 'SMS')),
    constraint alert_deliveries_status_check
        check (status in ('PENDING', 'SENT', 'FAILED', 'UNKNOWN', 'SUPPRESSED')),
    constraint alert_deliveries_sent_check check (status <> 'SENT' or sent_at is not null),
    constraint alert_deliveries_attempts_check check (attempts >= 0)
);
create index alert_deliveries_due_idx on tp.alert_deliveries (next_at, id) where status = 'PENDING';
create index alert_deliveries_alert_idx on tp.alert_deliveries (alert_id, edge_seq)
 where alert_id is not null;
create index alert_deliveries_user_idx on tp.alert_deliveries (user_id, created_at desc);

create trigger alerts_touch
before update on tp.alerts
   for each row
       execute function tp.touch_updated_at();

alter table tp.alerts enable row level security;
create policy user_isolation on tp.alerts
    to tp_app
 using (user_id = (select tp.app_user_id()))
  with check (user_id = (select tp.app_user_id()));
create policy service_all on tp.alerts
    to tp_service
 using (true)
  with check (true);
create policy readonly_all on tp.alerts
   for select
    to tp_readonly
 using (true);

alter table tp.alert_states enable row level security;
create policy user_isolation on tp.alert_states
    to tp_app
 using (user_id = (select tp.app_user_id()))
  with check (user_id = (select tp.app_user_id()));
create policy service_all on tp.alert_states
    to tp_service
 using (true)
  with check (true);
create policy readonly_all on tp.alert_states
   for select
    to tp_readonly
 using (true);

alter table tp.alert_deliveries enable row level security;
create policy user_isolation on tp.alert_deliveries
    to tp_app
 using (user_id = (select tp.app_user_id()))
  with check (user_id = (select tp.app_user_id()));
create policy service_all on tp.alert_deliveries
    to tp_service
 using (true)
  with check (true);
create policy readonly_all on tp.alert_deliveries
   for select
    to tp_readonly
 using (true);

grant select, insert, update, delete on tp.alerts to tp_app;
grant select on tp.alert_states, tp.alert_deliveries to tp_app;
grant select, insert, update, delete on tp.alerts, tp.alert_states, tp.alert_deliveries to tp_service;
grant select (id, user_id, symbol, exchange_id, type, condition, threshold, status, notification_channel,
              triggered_at, created_at, updated_at, expires_at)
   on tp.alerts
   to tp_readonly;
grant select on tp.alert_states to tp_readonly;
grant select (id, user_id, alert_id, edge_seq, channel, status, attempts, next_at, created_at, sent_at)
   on tp.alert_deliveries
   to tp_readonly;

comment on table tp.alerts is 'Conditions a user wants to hear about. Not soft-deleted.';
comment on column tp.alerts.id is 'UUID version 7.';
comment on column tp.alerts.user_id is 'Owner.';
comment on column tp.alerts.symbol is 'The instrument; null for alerts that are not about one.';
comment on column tp.alerts.exchange_id is 'The venue; null exactly when symbol is.';
comment on column tp.alerts.type is 'PRICE, PNL, RISK, SYSTEM or FUNDING_RATE.';
comment on column tp.alerts.condition is
    '{field, op, threshold, clear_threshold} or {expr}, with what to wait for.';
comment on column tp.alerts.threshold is
    'Value to compare with, in the unit of the field; null when the condition is an '
    'expression.';
comment on column tp.alerts.status is 'ACTIVE, TRIGGERED, DISABLED or EXPIRED.';
comment on column tp.alerts.notification_channel is 'EMAIL, TELEGRAM, WEBHOOK or SMS.';
comment on column tp.alerts.notification_config is
    'Address and options; secrets only as Fernet tokens.';
comment on column tp.alerts.metadata is 'Free-form notes, a JSON object.';
comment on column tp.alerts.triggered_at is 'Last time it fired.';
comment on column tp.alerts.created_at is 'When it was added.';
comment on column tp.alerts.updated_at is 'Stamped by trigger at every change.';
comment on column tp.alerts.expires_at is 'ACTIVE turns EXPIRED then; null: never.';

comment on table tp.alert_states is
    'Where the evaluation of an alert stands, per symbol for alerts about all.';
comment on column tp.alert_states.id is 'Running number.';
comment on column tp.alert_states.user_id is 'Owner of the alert.';
comment on column tp.alert_states.alert_id is 'The alert.';
comment on column tp.alert_states.exchange_id is
    'The venue; null for alerts that are not about a symbol.';
comment on column tp.alert_states.symbol is
    'The instrument; null for alerts that are not about one.';
comment on column tp.alert_states.state is
    'INACTIVE, PENDING (true, waiting), FIRING, RESOLVED or UNKNOWN (data too old to say).';
comment on column tp.alert_states.since is 'When the state began.';
comment on column tp.alert_states.edge_seq is
    'Number of the last change between firing and resolved.';
comment on column tp.alert_states.breaches is 'Times in a row the condition was true.';
comment on column tp.alert_states.clears is 'Times in a row it was clear.';
comment on column tp.alert_states.previous_value is 'Value before the last, for crossings.';
comment on column tp.alert_states.last_value is 'Last value compared.';
comment on column tp.alert_states.data_time is 'Time of the data behind last_value.';
comment on column tp.alert_states.evaluated_at is 'Last evaluation.';
comment on column tp.alert_states.cooldown_until is 'No message before that.';
comment on column tp.alert_states.notified_at is 'Last message queued.';

comment on table tp.alert_deliveries is
    'Outbox of messages, written with the change of state they tell.';
comment on column tp.alert_deliveries.id is 'UUID version 7.';
comment on column tp.alert_deliveries.user_id is 'Owner of the alert.';
comment on column tp.alert_deliveries.alert_id is 'The alert; null when it was deleted.';
comment on column tp.alert_deliveries.edge_seq is 'Change of state the message is about.';
comment on column tp.alert_deliveries.channel is 'EMAIL, TELEGRAM, WEBHOOK or SMS.';
comment on column tp.alert_deliveries.dedup_key is 'Alert, edge and channel: one message each.';
comment on column tp.alert_deliveries.payload is 'What is said, before the channel''s template.';
comment on column tp.alert_deliveries.status is
    'PENDING, SENT, FAILED, UNKNOWN (sent or not) or SUPPRESSED.';
comment on column tp.alert_deliveries.attempts is 'Tries so far.';
comment on column tp.alert_deliveries.next_at is 'Next try not before that.';
comment on column tp.alert_deliveries.provider_id is 'The provider''s id of the message.';
comment on column tp.alert_deliveries.last_error is 'Last failure without secrets.';
comment on column tp.alert_deliveries.created_at is 'When it was queued.';
comment on column tp.alert_deliveries.sent_at is 'When the provider took it.';

reset role;
