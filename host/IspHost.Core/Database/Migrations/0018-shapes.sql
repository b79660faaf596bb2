-- What the code of a plugin may rely on in its schema. While a plugin is upgraded, the version before works on with the new schema, and it
-- may be asked for again: so scripts add, and what they would take away is seen by comparing this before and after them.

create function host.shape(schema text) returns setof text language sql stable as $$
  select format('table %s', c.oid::regclass) from pg_class c where c.relnamespace = $1::regnamespace and c.relkind in ('r', 'p', 'v')
  union all
  select format('column %s.%I of type %s', c.oid::regclass, a.attname, format_type(a.atttypid, a.atttypmod))
  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  where c.relnamespace = $1::regnamespace and c.relkind in ('r', 'p', 'v')
  union all
  select format('function %s', p.oid::regprocedure) from pg_proc p where p.pronamespace = $1::regnamespace
$$;

-- Columns that whoever inserts must fill.
create function host.demands(schema text) returns table (relation text, name text) language sql stable as $$
  select c.oid::regclass::text, a.attname
  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  where c.relnamespace = $1::regnamespace and c.relkind in ('r', 'p')
    and a.attnotnull and not a.atthasdef and a.attidentity = '' and a.attgenerated = ''
$$;

grant execute on function host.shape(text), host.demands(text) to isphost_plugin_owner;
