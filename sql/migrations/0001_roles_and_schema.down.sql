-- Takes back 0001_roles_and_schema.up.sql. The roles stay: they belong to the server, not to this database.
-- A schema that holds something else (the migration history, say) stays too.
revoke usage on schema tp from tp_app, tp_service, tp_readonly;

comment on schema tp is null;

do $$
begin
    if not exists (select from pg_catalog.pg_class c where c.relnamespace = 'tp'::regnamespace)
       and not exists (select from pg_catalog.pg_proc p where p.pronamespace = 'tp'::regnamespace)
       and not exists (select from pg_catalog.pg_type t where t.typnamespace = 'tp'::regnamespace) then
        drop schema tp;
    end if;
end
$$;
