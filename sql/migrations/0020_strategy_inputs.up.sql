-- Phase 3. Scores that models hand in, and the recorded talk with strategy processes.
set local role tp_owner;

create table tp.strategy_scores (
    user_id uuid not null,
    model varchar(255) not null,
    exchange_id integer not null,
    symbol varchar(80) not null,
    interval varchar(10) not null,
    bar_time timestamptz not null,
    available_at timestamptz not null,
    trained_until timestamptz,
    scores jsonb not null,
    constraint strategy_scores_pkey
        primary key (user_id, model, exchange_id, symbol, interval, bar_time, available_at),
    constraint strategy_scores_user_fk foreign key (user_id) references tp.users (id),
    constraint strategy_scores_symbol_fk
        foreign key (exchange_id, symbol) references tp.symbols (exchange_id, symbol),
    constraint strategy_scores_model_check check (model <> ''),
    constraint strategy_scores_interval_check
        check (interval in ('1m', '5m', '15m', '30m', '1h', '4h', '1d', '1w')),
    constraint strategy_scores_available_check check (available_at >= bar_time),
    constraint strategy_scores_scores_check check (jsonb_typeof(scores) = 'object')
);

create table tp.strategy_transcripts (
    id uuid not null default tp.uuid_v7(),
    user_id uuid not null,
    strategy_id uuid not null,
    bot_id uuid,
    started_at timestamptz not null default now(),
    finished_at timestamptz,
    protocol_version integer not null,
    lines bigint not null default 0,
    content_sha256 varchar(64) not null,
    content bytea not null,
    constraint strategy_transcripts_pkey primary key (id),
    constraint strategy_transcripts_user_fk foreign key (user_id) references tp.users (id),
    constraint strategy_transcripts_strategy_fk foreign key (strategy_id) references tp.strategies (id),
    constraint strategy_transcripts_bot_fk foreign key (user_id, bot_id) references tp.bots (user_id, id),
    constraint strategy_transcripts_lines_check check (lines >= 0),
    constraint strategy_transcripts_sha256_check check (content_sha256 ~ '^[0-9a-f]{64}$')
);
create index strategy_transcripts_user_idx on tp.strategy_transcripts (user_id, started_at desc);
create index strategy_transcripts_strategy_idx on tp.strategy_transcripts (strategy_id);
create index strategy_transcripts_bot_idx on tp.strategy_transcripts (bot_id) where bot_id is not null;

create trigger strategy_transcripts_strategy_visible
before insert or update of strategy_id, user_id on tp.strategy_transcripts
   for each row
       execute function tp.check_strategy_visible();

alter table tp.strategy_scores enable row level security;
create policy user_isolation on tp.strategy_scores
    to tp_app
 using (user_id = (select tp.app_user_id()))
  with check (user_id = (select tp.app_user_id()));
create policy service_all on tp.strategy_scores
    to tp_service
 using (true)
  with check (true);
create policy readonly_all on tp.strategy_scores
   for select
    to tp_readonly
 using (true);

alter table tp.strategy_transcripts enable row level security;
create policy user_isolation on tp.strategy_transcripts
    to tp_app
 using (user_id = (select tp.app_user_id()))
  with check (user_id = (select tp.app_user_id()));
create policy service_all on tp.strategy_transcripts
    to tp_service
 using (true)
  with check (true);
create policy readonly_all on tp.strategy_transcripts
   for select
    to tp_readonly
 using (true);

grant select, insert, update, delete on tp.strategy_scores, tp.strategy_transcripts to tp_app, tp_service;
grant select on tp.strategy_scores, tp.strategy_transcripts to tp_readonly;

comment on table tp.strategy_scores is
    'What models say about bars; joined by available_at, never by bar_time, so that nothing '
    'is seen early.';
comment on column tp.strategy_scores.user_id is 'Owner.';
comment on column tp.strategy_scores.model is 'Name of the model.';
comment on column tp.strategy_scores.exchange_id is 'The venue.';
comment on column tp.strategy_scores.symbol is 'The instrument.';
comment on column tp.strategy_scores.interval is 'Interval of the bar.';
comment on column tp.strategy_scores.bar_time is 'Open time of the bar the scores are about.';
comment on column tp.strategy_scores.available_at is
    'When the scores were known; a decision before that cannot use them.';
comment on column tp.strategy_scores.trained_until is
    'Newest moment the model had seen in training; null: not told.';
comment on column tp.strategy_scores.scores is 'Named values, a JSON object.';

comment on table tp.strategy_transcripts is
    'What was said between the engine and a strategy process, to be replayed.';
comment on column tp.strategy_transcripts.id is 'UUID version 7.';
comment on column tp.strategy_transcripts.user_id is 'Owner.';
comment on column tp.strategy_transcripts.strategy_id is 'The strategy.';
comment on column tp.strategy_transcripts.bot_id is 'Bot it ran for; null: a backtest.';
comment on column tp.strategy_transcripts.started_at is 'First line.';
comment on column tp.strategy_transcripts.finished_at is 'Last line; null: broken off.';
comment on column tp.strategy_transcripts.protocol_version is 'Version of the protocol spoken.';
comment on column tp.strategy_transcripts.lines is 'Number of lines.';
comment on column tp.strategy_transcripts.content_sha256 is
    'SHA-256 in hex of the lines before packing.';
comment on column tp.strategy_transcripts.content is
    'The lines in both directions, packed with gzip.';

reset role;
