-- Fails when something that 0019_bot_links.up.sql makes is missing.
do $$
declare
    missing text;
begin
    select string_agg(concat_ws(' ', w.kind, nullif(w.name, ''), 'of', w.tab), ', ')
      into missing
      from (values
               ('constraint', 'orders_bot_fk', 'tp.orders'),
               ('constraint', 'positions_bot_fk', 'tp.positions'),
               ('constraint', 'accounts_bot_fk', 'tp.accounts')
           ) as w (kind, name, tab)
     where not case w.kind
                   when 'constraint' then
                       exists (select
                                 from pg_catalog.pg_constraint c
                                where c.conrelid = w.tab::regclass
                                  and c.conname = w.name
                                  and c.convalidated)
               end;
    if missing is not null then
        raise exception 'missing: %', missing;
    end if;
end
$$;
