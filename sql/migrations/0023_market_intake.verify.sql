-- Fails when something that 0023_market_intake.up.sql makes is missing.
select exchange_id, symbol, interval, range_start, range_end, state, candles, checked_at
  from tp.candle_coverage
 where false;

select id, kind, exchange_id, symbol, interval, sha256, name, bytes, rows_read, rows_inserted,
       rows_updated, rows_rejected, first_time, last_time, imported_at
  from tp.import_files
 where false;

do $$
declare
    missing text;
begin
    select string_agg(concat_ws(' ', w.kind, nullif(w.name, ''), 'of', w.tab), ', ')
      into missing
      from (values
               ('index', 'import_files_symbol_idx', 'tp.import_files')
           ) as w (kind, name, tab)
     where not case w.kind
                   when 'index' then
                       exists (select
                                 from pg_catalog.pg_index i
                                where i.indrelid = w.tab::regclass
                                  and i.indexrelid = pg_catalog.to_regclass('tp.' || w.name)
                                  and i.indisvalid)
               end;
    if missing is not null then
        raise exception 'missing: %', missing;
    end if;
end
$$;
