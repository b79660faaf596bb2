-- A door for plugins instead of the house key. A plugin works as a role of its own, with rights on its own schema and on the functions
-- below that are granted to isphost_plugin; the scripts of its schema run as another role, which owns the schema, and never as a superuser.

-- The host's functions are the host's, unless they are granted.
alter default privileges revoke execute on functions from public;
alter default privileges in schema host grant execute on functions to isphost_app;
revoke execute on all functions in schema host from public;
grant execute on all functions in schema host to isphost_app;

create table host.plugin_role (
  schema    text primary key,
  worker    text not null unique,      -- the plugin's
  password  text not null,             -- the worker's: the application makes the plugin's connections
  owner     text not null unique       -- whose the schema is; its password is the database owner's secret
);
revoke insert, update, delete, truncate on host.plugin_role from isphost_app;

-- Whether the one who has logged in may speak for a schema.
create function host.owns_schema(name text) returns boolean language sql stable security definer set search_path = pg_catalog as $$
  select exists (select from host.plugin_role r where r.schema = name and r.owner = session_user)
    or pg_has_role(session_user, (select nspowner from pg_namespace where nspname = 'host'), 'member')
$$;

create function host.must_own(name text) returns void language plpgsql stable as $$
begin
  if not host.owns_schema(name) then
    raise exception 'schema % is not that of %', name, session_user using errcode = 'insufficient_privilege';
  end if;
end $$;

-- For the scripts of a schema.

-- As in 0001, but for tables that are protected already as well.
create or replace function host.protect(target regclass) returns void language plpgsql as $$
begin
  execute format('alter table %s enable row level security, force row level security', target);
  if not exists (select from pg_policy where polrelid = target and polname = 'one_tenant') then
    execute format($policy$
      create policy one_tenant on %s
        using (tenant_id = (select nullif(current_setting('app.tenant', true), '')::uuid))
        with check (tenant_id = (select nullif(current_setting('app.tenant', true), '')::uuid))
      $policy$, target);
  end if;
end $$;

create or replace function host.keep(subject text, forget regprocedure, days int, least_days int, reason text)
returns void language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform host.must_own(split_part(subject, '.', 1)), host.must_own(split_part(host.name_of(forget), '.', 1));
  insert into host.retention (subject, forget, days, least_days, reason)
  values ($1, host.name_of($2), $3, $4, $5);
end $$;

create or replace function host.bills_usage(is_billed regprocedure)
returns void language plpgsql security definer set search_path = pg_catalog as $$
declare
  biller text := (select b.is_billed from host.usage_biller b);
begin
  perform host.must_own(split_part(host.name_of($1), '.', 1));
  if split_part(biller, '.', 1) <> split_part(host.name_of($1), '.', 1) then
    raise exception 'usage is billed by %', biller using errcode = 'unique_violation';
  end if;
  insert into host.usage_biller (is_billed) values (host.name_of($1))
  on conflict (one) do update set is_billed = excluded.is_billed;
end $$;

-- It answers for the tenant of the transaction, with identities alone, and so for whoever lets go of old rows.
alter function host.unbilled(daterange) security definer set search_path = pg_catalog;

-- Tables that are no tenant's, or all tenants' together: a plugin says which and why, for all others are protected.
create table host.shared_table (
  name      text primary key,
  reason    text not null check (length(reason) between 1 and 300)
);
revoke insert, update, delete, truncate on host.shared_table from isphost_app;

create function host.share(target regclass, reason text)
returns void language plpgsql security definer set search_path = pg_catalog as $$
declare
  schema text := (select n.nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = target);
begin
  perform host.must_own(schema);
  insert into host.shared_table (name, reason)
  select format('%I.%I', schema, c.relname), $2 from pg_class c where c.oid = target
  on conflict (name) do update set reason = excluded.reason;
end $$;

-- As in 0012; but who owns a schema sees the rows of one tenant at a time, so existing rows are looked at tenant by tenant.
create or replace function host.refer(child regclass, columns text[], parent regclass, keys text[]) returns void language plpgsql as $$
declare
  name text := left((select relname from pg_class where oid = child) || '_' || array_to_string(columns, '_'), 58) || '_fkey';
  before text := current_setting('app.tenant', true);
  tenant uuid;
  dangling record;
begin
  if not exists (
    select from pg_index i where i.indrelid = parent and i.indisunique and i.indpred is null and i.indexprs is null and keys @> array(
      select attname::text from pg_attribute where attrelid = parent and attnum = any (i.indkey[0:i.indnkeyatts - 1]))) then
    raise exception 'nothing makes (%) unique in %', array_to_string(keys, ', '), parent using errcode = 'invalid_foreign_key';
  end if;
  for tenant in select id from host.tenant loop
    perform set_config('app.tenant', tenant::text, true);
    execute host.dangling(child::text, columns, parent, keys) into dangling;
    if dangling is not null then
      raise exception '% of % is not in %', dangling, child, parent using errcode = 'foreign_key_violation', constraint = name;
    end if;
  end loop;
  perform set_config('app.tenant', before, true);
  execute format(
    'create trigger %I after insert on %s referencing new table as added for each statement execute function host.check_reference(%L, %L)',
    name, child, host.dangling('added', columns, parent, keys), parent);
  perform host.keep_columns(child, columns), host.keep_columns(parent, keys);
  execute format('create or replace trigger stays before delete on %s for each row execute function host.refuse_change()', parent);
end $$;

-- What keeps the tables of a schema from being opened to its plugin, with the reason.
create function host.exposed(schema text) returns table (name text, reason text) language sql stable as $$
  with relation as (
    select c.oid, c.relkind, format('%I.%I', n.nspname, c.relname) as name, c.reloptions, c.relrowsecurity and c.relforcerowsecurity as forced,
      exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped) as of_tenants,
      exists (select from host.shared_table s where s.name = format('%I.%I', n.nspname, c.relname)) as shared
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relkind in ('r', 'p', 'v', 'm', 'f')
  ), like_ours as (
    select pg_get_expr(polqual, polrelid) as using_, pg_get_expr(polwithcheck, polrelid) as check_
    from pg_policy where polrelid = 'host.customer'::regclass
  )
  select name, reason from (
    select name, case
      when relkind = 'm' then 'a materialized view has no row-level security'
      when relkind = 'f' then 'a foreign table has no row-level security'
      when relkind = 'v' and not coalesce(reloptions::text ~ 'security_invoker=(true|on|1)', false) then
        'a view shows rows of all tenants unless it is made with (security_invoker = true)'
      when relkind = 'v' or shared then null
      when not of_tenants then 'it has no tenant_id: give it one, or say with host.share why it is no tenant''s'
      when not forced then 'row-level security is not enabled and forced: leave that to the host'
      when (select count(*) from pg_policy where polrelid = relation.oid) <> 1 or not exists (
        select from pg_policy p, like_ours o where p.polrelid = relation.oid and p.polcmd = '*' and p.polpermissive and p.polroles = '{0}'
          and pg_get_expr(p.polqual, p.polrelid) = o.using_ and pg_get_expr(p.polwithcheck, p.polrelid) = o.check_) then
        'it has another policy than that of one tenant: leave that to the host'
    end as reason
    from relation) found
  where reason is not null
$$;

-- The rights of a role on the relations of a schema, and on single columns of them.
create function host.rights(schema text, role text) returns table (relation regclass, privilege text, columns text)
language sql stable as $$
  select c.oid::regclass, acl.privilege_type, null
  from pg_class c cross join aclexplode(c.relacl) acl
  where c.relnamespace = $1::regnamespace and c.relkind in ('r', 'p', 'v', 'S') and acl.grantee = $2::regrole
  union all
  select c.oid::regclass, acl.privilege_type, quote_ident(a.attname)
  from pg_class c join pg_attribute a on a.attrelid = c.oid cross join aclexplode(a.attacl) acl
  where c.relnamespace = $1::regnamespace and c.relkind in ('r', 'p', 'v') and acl.grantee = $2::regrole
$$;

-- The last step of each upgrade of a schema, in its transaction: tables of tenants are protected, what cannot be is refused, and the
-- plugin gets the rights that isphost_app has. So a script that takes some of them back takes them from both.
create function host.open_schema(schema text, worker text) returns void language plpgsql as $$
declare
  fault record;
  lacking record;
begin
  perform host.protect(format('%I.%I', $1, c.relname)::regclass)
  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
  where c.relnamespace = $1::regnamespace and c.relkind in ('r', 'p') and not c.relrowsecurity
    and not exists (select from pg_policy p where p.polrelid = c.oid)
    and not exists (select from host.shared_table s where s.name = format('%I.%I', $1, c.relname));
  select * into fault from host.exposed($1) order by name limit 1;
  if found then
    raise exception '%: %', fault.name, fault.reason using errcode = 'insufficient_privilege';
  end if;
  for lacking in select r.* from host.rights($1, $2) r except select r.* from host.rights($1, 'isphost_app') r loop
    execute format('revoke %s%s on %s %s from %I', lacking.privilege, ' (' || lacking.columns || ')',
      case (select relkind from pg_class where oid = lacking.relation) when 'S' then 'sequence' else 'table' end, lacking.relation, $2);
  end loop;
  for lacking in select r.* from host.rights($1, 'isphost_app') r except select r.* from host.rights($1, $2) r loop
    execute format('grant %s%s on %s %s to %I', lacking.privilege, ' (' || lacking.columns || ')',
      case (select relkind from pg_class where oid = lacking.relation) when 'S' then 'sequence' else 'table' end, lacking.relation, $2);
  end loop;
end $$;

create function host.note_migration(schema text, number int, name text, hash bytea)
returns void language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform host.must_own(schema);
  insert into host.migration (schema, number, name, hash) values ($1, $2, $3, $4);
end $$;

grant usage on schema host to isphost_plugin, isphost_plugin_owner;
grant execute on function
  host.protect(regclass), host.keep(text, regprocedure, int, int, text), host.bills_usage(regprocedure), host.share(regclass, text),
  host.refer(regclass, text[], regclass, text[]), host.dangling(text, text[], regclass, text[]), host.keep_columns(regclass, text[]),
  host.check_reference(), host.refuse_change(), host.unbilled(daterange), host.must_own(text), host.owns_schema(text),
  host.exposed(text), host.rights(text, text), host.open_schema(text, text), host.note_migration(text, int, text, bytea)
  to isphost_plugin_owner;
grant execute on function host.this_tenant(), host.id_at(timestamptz), host.days_around(timestamptz, timestamptz)
  to isphost_plugin_owner, isphost_plugin;
-- What tenants there are, and that they stay: nothing else of the host's tables.
grant select (id), references (id) on host.tenant to isphost_plugin_owner;
grant select on host.shared_table to isphost_plugin_owner;
revoke execute on function host.keep(text, regprocedure, int, int, text), host.bills_usage(regprocedure), host.share(regclass, text),
  host.note_migration(text, int, text, bytea) from isphost_app;

-- For plugins at work: version 1. A function stays as it is for as long as any plugin may call it; what changes gets another number.

-- The tenant that a plugin writes for must be that of its transaction. Row-level security says so as well, but not to a superuser's function.
create function host.at_work(tenant uuid) returns uuid language plpgsql stable as $$
begin
  if tenant is distinct from host.this_tenant() or tenant is null then
    raise exception 'the transaction is not of tenant %', tenant using errcode = 'insufficient_privilege';
  end if;
  return tenant;
end $$;

-- Publishes events. One whose key there is already for its kind is dropped.
create function host.publish_v1(tenant uuid, kind text, at timestamptz, ids uuid[], keys text[], bodies text[])
returns void language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform host.at_work($1);
  insert into host.outbox (tenant_id, id, kind, key, happened_at, body)
  select $1, e.id, $2, e.key, $3, e.body::jsonb from unnest($4, $5, $6) as e (id, key, body)
  on conflict on constraint outbox_tenant_id_kind_key_key do nothing;
end $$;

-- Appends usage. A record that is there already is left as it is.
create function host.append_usage_v1(
  tenant uuid, starts timestamptz[], ids uuid[], subscriptions uuid[], ends timestamptz[], up bigint[], down bigint[])
returns void language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform host.at_work($1);
  insert into host.usage (tenant_id, started_at, id, subscription_id, ended_at, bytes_up, bytes_down)
  select $1, u.* from unnest($2, $3, $4, $5, $6, $7) as u
  on conflict do nothing;
end $$;

-- Records who did what.
create function host.record_v1(tenant uuid, id uuid, at timestamptz, actor text, action text, object text, detail jsonb)
returns void language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform host.at_work($1);
  insert into host.audit (tenant_id, id, happened_at, actor, action, object, detail) values ($1, $2, $3, $4, $5, $6, $7);
end $$;

-- Keeps the answer to a request. False if it has one, or if another attempt has taken it over.
create function host.keep_answer_v1(
  tenant uuid, key bytea, claim uuid, status smallint, content_type text, location text, body bytea)
returns boolean language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform host.at_work($1);
  update host.idempotency i set status = $4, content_type = $5, location = $6, body = $7
  where i.tenant_id = $1 and i.key = $2 and i.claim = $3 and i.status is null;
  return found;
end $$;

grant execute on function
  host.publish_v1(uuid, text, timestamptz, uuid[], text[], text[]),
  host.append_usage_v1(uuid, timestamptz[], uuid[], uuid[], timestamptz[], bigint[], bigint[]),
  host.record_v1(uuid, uuid, timestamptz, text, text, text, jsonb),
  host.keep_answer_v1(uuid, bytea, uuid, smallint, text, text, bytea)
  to isphost_plugin;
