-- Fails when something that 0025_bot_performance.up.sql makes is missing.
select bot_id, date, user_id, currency, daily_pnl, cumulative_pnl, trades_count,
       winning_trades, losing_trades, win_rate, sharpe_ratio, max_drawdown, total_volume,
       total_fees, detailed_metrics, created_at
  from tp.bot_performance
 where false;

do $$
declare
    missing text;
begin
    select string_agg(concat_ws(' ', w.kind, nullif(w.name, ''), 'of', w.tab), ', ')
      into missing
      from (values
               ('partition policy', '', 'tp.bot_performance'),
               ('policy', 'user_isolation', 'tp.bot_performance'),
               ('policy', 'service_all', 'tp.bot_performance'),
               ('policy', 'readonly_all', 'tp.bot_performance'),
               ('index', 'bot_performance_user_idx', 'tp.bot_performance')
           ) as w (kind, name, tab)
     where not case w.kind
                   when 'policy' then
                       exists (select
                                 from pg_catalog.pg_policy p
                                where p.polrelid = w.tab::regclass
                                  and p.polname = w.name)
                   when 'partition policy' then
                       exists (select
                                 from tp.partition_policies p
                                where p.parent = w.tab::regclass)
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
                where c.oid in ('tp.bot_performance'::regclass)
                  and (not c.relrowsecurity or c.relforcerowsecurity)) then
        raise exception 'row security is off or forced';
    end if;
end
$$;
