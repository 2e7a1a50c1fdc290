-- Fails when something that 0024_backtests.up.sql makes is missing.
select id, user_id, strategy_id, bot_id, exchange_id, symbol, timeframe, start_date, end_date,
       initial_capital, final_equity, total_trades, winning_trades, losing_trades, win_rate,
       sharpe_ratio, sortino_ratio, max_drawdown, max_drawdown_duration_hours, profit_factor,
       avg_win, avg_loss, largest_win, largest_loss, results, equity_curve, metrics,
       created_at, deleted_at
  from tp.backtests
 where false;

select
  from tp.active_backtests
 where false;

do $$
declare
    missing text;
begin
    select string_agg(concat_ws(' ', w.kind, nullif(w.name, ''), 'of', w.tab), ', ')
      into missing
      from (values
               ('trigger', 'backtests_strategy_visible', 'tp.backtests'),
               ('policy', 'user_isolation', 'tp.backtests'),
               ('policy', 'service_all', 'tp.backtests'),
               ('policy', 'readonly_all', 'tp.backtests'),
               ('index', 'backtests_strategy_idx', 'tp.backtests'),
               ('index', 'backtests_bot_idx', 'tp.backtests'),
               ('index', 'backtests_user_idx', 'tp.backtests'),
               ('index', 'idx_backtests_deleted', 'tp.backtests')
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
                where c.oid in ('tp.backtests'::regclass)
                  and (not c.relrowsecurity or c.relforcerowsecurity)) then
        raise exception 'row security is off or forced';
    end if;
end
$$;
