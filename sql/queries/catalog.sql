-- name: catalog_list ()
-- One line of text for each object of schema tp, sorted by bytes: two databases with the same lines have the
-- same schema. Left out are leaves of partitioned tables, what they inherit, roles, and rows of any table.
-- Compare lines of one server version and of sessions with one search_path: both shape how PostgreSQL prints.
with relation as (
    select c.oid, c.relname, c.relkind, c.relowner, c.relacl, c.reloptions, c.relrowsecurity,
           c.relforcerowsecurity, c.relispartition, c.relpartbound, c.relpersistence,
           format('%I.%I', n.nspname, c.relname) as name,
           case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence'
                          when 'f' then 'foreign table' else 'table' end as kind
      from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n
        on n.oid = c.relnamespace
     where n.nspname = 'tp'
       and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
       and not (c.relispartition and c.relkind in ('r', 'f'))
), routine as (
    select p.oid, p.proowner, p.proacl, p.prosrc, p.prosqlbody,
           format('%I.%I(%s)', n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)) as name,
           concat_ws(' ',
               'arguments (' || pg_catalog.pg_get_function_arguments(p.oid) || ')',
               'returns ' || pg_catalog.pg_get_function_result(p.oid),
               'language ' || l.lanname,
               'kind ' || p.prokind::text,
               'volatility ' || p.provolatile::text,
               'parallel ' || p.proparallel::text,
               case when p.proisstrict then 'strict' end,
               case when p.proleakproof then 'leakproof' end,
               case when p.prosecdef then 'security definer' end,
               'set ' || array_to_string(p.proconfig, ' ')) as properties
      from pg_catalog.pg_proc p
      join pg_catalog.pg_namespace n
        on n.oid = p.pronamespace
      join pg_catalog.pg_language l
        on l.oid = p.prolang
     where n.nspname = 'tp'
), line (text) as (
    select format('schema %I owner %s', n.nspname, pg_catalog.pg_get_userbyid(n.nspowner))
      from pg_catalog.pg_namespace n
     where n.nspname = 'tp'
     union all
    select concat_ws(' ', r.kind, r.name,
               'owner ' || pg_catalog.pg_get_userbyid(r.relowner),
               'persistence ' || r.relpersistence::text,
               case when r.relkind in ('r', 'p') then
                   'row security ' || r.relrowsecurity || ' forced ' || r.relforcerowsecurity
               end,
               'partition by ' || case when r.relkind = 'p' then pg_catalog.pg_get_partkeydef(r.oid) end,
               'partition ' || pg_catalog.pg_get_expr(r.relpartbound, r.oid),
               'with ' || array_to_string(r.reloptions, ' '),
               'as ' || case when r.relkind in ('v', 'm') then pg_catalog.pg_get_viewdef(r.oid) end)
      from relation r
     union all
    select concat_ws(' ', format('column %s.%I', r.name, a.attname),
               pg_catalog.format_type(a.atttypid, a.atttypmod),
               'collate ' || nullif(a.attcollation, t.typcollation)::regcollation::text,
               case when a.attnotnull then 'not null' end,
               'identity ' || nullif(a.attidentity::text, ''),
               'generated ' || nullif(a.attgenerated::text, ''),
               'default ' || pg_catalog.pg_get_expr(d.adbin, d.adrelid))
      from relation r
      join pg_catalog.pg_attribute a
        on a.attrelid = r.oid
       and a.attnum > 0
       and not a.attisdropped
      join pg_catalog.pg_type t
        on t.oid = a.atttypid
      left join pg_catalog.pg_attrdef d
        on d.adrelid = a.attrelid
       and d.adnum = a.attnum
     where r.relkind <> 'S'
     union all
    -- type n is the name that 18 gives to "not null", which the column's line already tells
    select format('constraint %I on %s %s%s', k.conname, r.name, pg_catalog.pg_get_constraintdef(k.oid),
               case when k.convalidated then '' else ' not validated' end)
      from relation r
      join pg_catalog.pg_constraint k
        on k.conrelid = r.oid
     where k.conparentid = 0
       and k.contype <> 'n'
       and (k.conislocal or not r.relispartition)
     union all
    select format('index %s%s', pg_catalog.pg_get_indexdef(i.indexrelid),
               case when i.indisvalid then '' else ' invalid' end)
      from relation r
      join pg_catalog.pg_index i
        on i.indrelid = r.oid
      join pg_catalog.pg_class c
        on c.oid = i.indexrelid
     where not c.relispartition
     union all
    select format('trigger %s %s', pg_catalog.pg_get_triggerdef(g.oid), g.tgenabled)
      from relation r
      join pg_catalog.pg_trigger g
        on g.tgrelid = r.oid
     where not g.tgisinternal
       and g.tgparentid = 0
     union all
    select format('rule %s', pg_catalog.pg_get_ruledef(w.oid))
      from relation r
      join pg_catalog.pg_rewrite w
        on w.ev_class = r.oid
     where w.rulename <> '_RETURN'
     union all
    select concat_ws(' ', format('policy %I on %s', p.polname, r.name),
               case when p.polpermissive then 'permissive' else 'restrictive' end,
               'for ' || p.polcmd::text,
               'to ' || (select string_agg(case u.role when 0 then 'public' else pg_catalog.pg_get_userbyid(u.role) end,
                                           ', ' order by u.role)
                           from unnest(p.polroles) as u (role)),
               'using ' || pg_catalog.pg_get_expr(p.polqual, p.polrelid),
               'with check ' || pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid))
      from relation r
      join pg_catalog.pg_policy p
        on p.polrelid = r.oid
     union all
    select format('function %s owner %s %s body %s', f.name, pg_catalog.pg_get_userbyid(f.proowner), f.properties,
               encode(sha256(convert_to(coalesce(pg_catalog.pg_get_function_sqlbody(f.oid), f.prosrc), 'UTF8')), 'hex'))
      from routine f
     union all
    select format('type %I.%I %s %s', n.nspname, t.typname, t.typtype,
               concat_ws(' ',
                   nullif(pg_catalog.format_type(t.typbasetype, t.typtypmod), '-'),
                   (select string_agg(e.enumlabel, ', ' order by e.enumsortorder)
                      from pg_catalog.pg_enum e
                     where e.enumtypid = t.oid)))
      from pg_catalog.pg_type t
      join pg_catalog.pg_namespace n
        on n.oid = t.typnamespace
     where n.nspname = 'tp'
       and t.typtype in ('d', 'e', 'r')
     union all
    select format('grant %s%s on %s to %s', x.privilege_type, case when x.is_grantable then ' with grant option' else '' end,
               g.name, case x.grantee when 0 then 'public' else pg_catalog.pg_get_userbyid(x.grantee) end)
      from (select 'schema ' || quote_ident(n.nspname) as name, n.nspowner as owner, n.nspacl as acl
              from pg_catalog.pg_namespace n
             where n.nspname = 'tp'
             union all
            select r.kind || ' ' || r.name, r.relowner, r.relacl
              from relation r
             union all
            select format('column %s.%I', r.name, a.attname), r.relowner, a.attacl
              from relation r
              join pg_catalog.pg_attribute a
                on a.attrelid = r.oid
               and a.attnum > 0
               and not a.attisdropped
             union all
            select 'function ' || f.name, f.proowner, coalesce(f.proacl, pg_catalog.acldefault('f', f.proowner))
              from routine f) g
     cross join lateral pg_catalog.aclexplode(g.acl) as x
     where x.grantee <> g.owner
     union all
    select format('comment on %s %s', g.name, quote_literal(g.text))
      from (select 'schema ' || quote_ident(n.nspname) as name,
                   pg_catalog.obj_description(n.oid, 'pg_namespace') as text
              from pg_catalog.pg_namespace n
             where n.nspname = 'tp'
             union all
            select r.kind || ' ' || r.name, pg_catalog.obj_description(r.oid, 'pg_class')
              from relation r
             union all
            select format('column %s.%I', r.name, a.attname), pg_catalog.col_description(r.oid, a.attnum)
              from relation r
              join pg_catalog.pg_attribute a
                on a.attrelid = r.oid
               and a.attnum > 0
               and not a.attisdropped
             union all
            select 'function ' || f.name, pg_catalog.obj_description(f.oid, 'pg_proc')
              from routine f) g
     where g.text is not null
)
-- a list of words in a check prints in one of two ways, before a dump and after: both become the first
select regexp_replace(
           regexp_replace(
               regexp_replace(l.text, '\s+', ' ', 'g'),
               $re$\(('[^']*'::character varying)\)::text$re$, '\1', 'g'),
           $re$\((ARRAY\[[^]]*\])\)::text\[\]$re$, '\1', 'g') as line
  from line l
 order by l.text collate "C";
