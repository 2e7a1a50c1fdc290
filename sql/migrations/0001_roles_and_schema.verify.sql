-- Fails when a role or the schema is missing, or the owner is another.
select 'tp_owner'::regrole, 'tp_app'::regrole, 'tp_service'::regrole, 'tp_readonly'::regrole;

do $$
begin
    if not exists (select
                     from pg_catalog.pg_namespace n
                    where n.nspname = 'tp'
                      and n.nspowner = 'tp_owner'::regrole) then
        raise exception 'schema tp is missing or not owned by tp_owner';
    end if;
    if not (pg_catalog.has_schema_privilege('tp_app', 'tp', 'usage')
            and pg_catalog.has_schema_privilege('tp_service', 'tp', 'usage')
            and pg_catalog.has_schema_privilege('tp_readonly', 'tp', 'usage')) then
        raise exception 'a role lacks usage of schema tp';
    end if;
end
$$;
