-- Phase 4. What is known about stored market data: which ranges are covered, which files were taken in.
set local role tp_owner;

create table tp.candle_coverage (
    exchange_id integer not null,
    symbol varchar(80) not null,
    interval varchar(10) not null,
    range_start timestamptz not null,
    range_end timestamptz not null,
    state varchar(10) not null default 'COVERED',
    candles bigint not null default 0,
    checked_at timestamptz not null default now(),
    constraint candle_coverage_pkey primary key (symbol, exchange_id, interval, range_start),
    constraint candle_coverage_symbol_fk
        foreign key (exchange_id, symbol) references tp.symbols (exchange_id, symbol),
    constraint candle_coverage_interval_check
        check (interval in ('1m', '5m', '15m', '30m', '1h', '4h', '1d', '1w')),
    constraint candle_coverage_range_check check (range_start < range_end),
    constraint candle_coverage_state_check check (state in ('COVERED', 'ABSENT')),
    constraint candle_coverage_candles_check check (candles >= 0 and (state = 'COVERED' or candles = 0))
);

create table tp.import_files (
    id bigint generated always as identity,
    kind varchar(12) not null,
    exchange_id integer not null,
    symbol varchar(80),
    interval varchar(10),
    sha256 varchar(64) not null,
    name text not null,
    bytes bigint not null,
    rows_read bigint not null,
    rows_inserted bigint not null,
    rows_updated bigint not null,
    rows_rejected bigint not null default 0,
    first_time timestamptz,
    last_time timestamptz,
    imported_at timestamptz not null default now(),
    constraint import_files_pkey primary key (id),
    constraint import_files_exchange_fk foreign key (exchange_id) references tp.exchanges (id),
    constraint import_files_symbol_fk
        foreign key (exchange_id, symbol) references tp.symbols (exchange_id, symbol),
    constraint import_files_content_key
        unique nulls not distinct (sha256, kind, exchange_id, symbol, interval),
    constraint import_files_kind_check
        check (kind in ('CANDLES', 'FUNDING', 'MARK', 'BOOK', 'TIERS', 'SYMBOLS')),
    constraint import_files_interval_check
        check (interval in ('1m', '5m', '15m', '30m', '1h', '4h', '1d', '1w')),
    constraint import_files_sha256_check check (sha256 ~ '^[0-9a-f]{64}$'),
    constraint import_files_counts_check
        check (bytes >= 0
               and rows_read >= 0
               and rows_inserted >= 0
               and rows_updated >= 0
               and rows_rejected >= 0),
    constraint import_files_times_check check (first_time <= last_time)
);
create index import_files_symbol_idx on tp.import_files (exchange_id, symbol, interval, imported_at);

grant select on tp.candle_coverage, tp.import_files to tp_app, tp_service, tp_readonly;
grant insert, update, delete on tp.candle_coverage, tp.import_files to tp_service;

comment on table tp.candle_coverage is
    'Ranges of time for which candles are known to be there, or known not to exist.';
comment on column tp.candle_coverage.exchange_id is 'The venue.';
comment on column tp.candle_coverage.symbol is 'The instrument.';
comment on column tp.candle_coverage.interval is 'Interval of the candles.';
comment on column tp.candle_coverage.range_start is 'First open time of the range.';
comment on column tp.candle_coverage.range_end is 'End of the range, not part of it.';
comment on column tp.candle_coverage.state is
    'COVERED (candles stored), or ABSENT (the venue was asked and has none).';
comment on column tp.candle_coverage.candles is 'Candles in the range.';
comment on column tp.candle_coverage.checked_at is 'When this was last found so.';

comment on table tp.import_files is
    'Files taken in, so that a second import of the same bytes is known.';
comment on column tp.import_files.id is 'Running number.';
comment on column tp.import_files.kind is 'CANDLES, FUNDING, MARK, BOOK, TIERS or SYMBOLS.';
comment on column tp.import_files.exchange_id is 'The venue.';
comment on column tp.import_files.symbol is 'The instrument; null for files about many.';
comment on column tp.import_files.interval is 'Interval of candles; null for other kinds.';
comment on column tp.import_files.sha256 is 'SHA-256 in hex of the file as read, before unpacking.';
comment on column tp.import_files.name is 'Name of the file, for people; "-" is standard input.';
comment on column tp.import_files.bytes is 'Size as read, in bytes.';
comment on column tp.import_files.rows_read is 'Rows in the file.';
comment on column tp.import_files.rows_inserted is 'Rows that were new.';
comment on column tp.import_files.rows_updated is
    'Rows that replaced others with different values.';
comment on column tp.import_files.rows_rejected is 'Rows set aside.';
comment on column tp.import_files.first_time is 'Time of the earliest row.';
comment on column tp.import_files.last_time is 'Time of the latest row.';
comment on column tp.import_files.imported_at is 'When the import was committed.';

reset role;
