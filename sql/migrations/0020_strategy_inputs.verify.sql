-- Fails when something that 0020_strategy_inputs.up.sql makes is missing.
select user_id, model, exchange_id, symbol, interval, bar_time, available_at, trained_until,
       scores
  from tp.strategy_scores
 where false;

select id, user_id, strategy_id, bot_id, started_at, finished_at, protocol_version, lines,
       content_sha256, content
  from tp.strategy_transcripts
 where false;

do $$
declare
    missing text;
begin
    select string_agg(concat_ws(' ', w.kind, nullif(w.name, ''), 'of', w.tab), ', ')
      into missing
      from (values
               ('trigger', 'strategy_transcripts_strategy_visible', 'tp.strategy_transcripts'),
               ('policy', 'user_isolation', 'tp.strategy_scores'),
               ('policy', 'service_all', 'tp.strategy_scores'),
               ('policy', 'readonly_all', 'tp.strategy_scores'),
               ('policy', 'user_isolation', 'tp.strategy_transcripts'),
               ('policy', 'service_all', 'tp.strategy_transcripts'),
               ('policy', 'readonly_all', 'tp.strategy_transcripts'),
               ('index', 'strategy_transcripts_user_idx', 'tp.strategy_transcripts'),
               ('index', 'strategy_transcripts_strategy_idx', 'tp.strategy_transcripts'),
               ('index', 'strategy_transcripts_bot_idx', 'tp.strategy_transcripts')
           ) as w (kind, name, tab)
     where not case w.kind
                   when 'trigger' then
                       exists (select
                                 from pg_catalog.pg_trigger t
                                where t.tgrelid = w.tab::regclass
                                  and t.tgname = w.name)
                   when 'policy' then
                       exists (select
                                 from pg_catalog.pg_policy p
                                where p.polrelid = w.tab::regclass
                                  and p.polname = w.name)
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

do $$
begin
    if exists (select
                 from pg_catalog.pg_class c
                where c.oid in ('tp.strategy_scores'::regclass,
                                'tp.strategy_transcripts'::regclass)
                  and (not c.relrowsecurity or c.relforcerowsecurity)) then
        raise exception 'row security is off or forced';
    end if;
end
$$;
