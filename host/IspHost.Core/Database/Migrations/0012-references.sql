-- References between tables whose rows stay for ever. A foreign key looks up and locks the row that is referred to, for each row that
-- refers to it. Where no row leaves and no key changes there is nothing to lock, and one look for all rows of a statement is enough.

create function host.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'rows of %.% stay and keep their keys, since others refer to them', tg_table_schema, tg_table_name
    using errcode = 'restrict_violation', schema = tg_table_schema, table = tg_table_name;
end $$;

create function host.keep_columns(target regclass, columns text[]) returns void language plpgsql as $$
begin
  execute format('create or replace trigger %I before update of %s on %s for each row execute function host.refuse_change()',
    'keeps_' || array_to_string(columns, '_'), (select string_agg(quote_ident(name), ', ') from unnest(columns) as name), target);
end $$;

-- The first of the source's rows that refers to nothing. The offset keeps PostgreSQL from making a join of it: what the rows refer to is
-- looked up in the index one by one, however many rows it believes that there are.
create function host.dangling(source text, columns text[], parent regclass, keys text[]) returns text language sql stable as $$
  select format(
    'select * from (select distinct %s from %s) child where child is not null and not exists (select from %s parent where %s offset 0) limit 1',
    string_agg(quote_ident(of), ', '), source, parent, string_agg(format('parent.%I = child.%I', key, of), ' and '))
  from unnest(columns, keys) as pair (of, key)
$$;

create function host.check_reference() returns trigger language plpgsql
set enable_seqscan = off set enable_bitmapscan = off as $$
declare
  query constant text := tg_argv[0];
  dangling record;
begin
  execute query into dangling;
  if dangling is not null then
    raise exception 'insert into %.% refers to nothing', tg_table_schema, tg_table_name
      using errcode = 'foreign_key_violation', schema = tg_table_schema, table = tg_table_name, constraint = tg_name,
        detail = format('There is no %s in %s.', dangling, tg_argv[1]);
  end if;
  return null;
end $$;

-- A foreign key between tables that are only ever added to. The keys must have a unique index, which the columns may be more than.
create function host.refer(child regclass, columns text[], parent regclass, keys text[]) returns void language plpgsql as $$
declare
  name text := left((select relname from pg_class where oid = child) || '_' || array_to_string(columns, '_'), 58) || '_fkey';
  dangling record;
begin
  if not exists (
    select from pg_index i where i.indrelid = parent and i.indisunique and i.indpred is null and i.indexprs is null and keys @> array(
      select attname::text from pg_attribute where attrelid = parent and attnum = any (i.indkey[0:i.indnkeyatts - 1]))) then
    raise exception 'nothing makes (%) unique in %', array_to_string(keys, ', '), parent using errcode = 'invalid_foreign_key';
  end if;
  execute host.dangling(child::text, columns, parent, keys) into dangling;
  if dangling is not null then
    raise exception '% of % is not in %', dangling, child, parent using errcode = 'foreign_key_violation', constraint = name;
  end if;
  execute format(
    'create trigger %I after insert on %s referencing new table as added for each statement execute function host.check_reference(%L, %L)',
    name, child, host.dangling('added', columns, parent, keys), parent);
  perform host.keep_columns(child, columns), host.keep_columns(parent, keys);
  execute format('create or replace trigger stays before delete on %s for each row execute function host.refuse_change()', parent);
end $$;
revoke all on function host.refer(regclass, text[], regclass, text[]) from public;
