-- Imports: a file is taken at once and becomes rows that wait; each transaction that imports some of them takes them away.

create table host.import (
  tenant_id    uuid not null references host.tenant,
  id           uuid not null,
  state        text not null check (state in ('running', 'done', 'cancelled')),
  actor        text not null,                          -- who sent the file, for the audit
  first_day    date not null,                          -- of all its services, however long it takes
  rows         int not null check (rows >= 0),
  imported     int not null default 0 check (imported >= 0),
  refused      int not null default 0 check (refused >= 0),
  error        text,                                   -- what went wrong at last, until it goes on
  started_at   timestamptz not null default now(),
  finished_at  timestamptz,
  next_at      timestamptz not null default now(),
  failures     int not null default 0,                 -- in a row
  primary key (tenant_id, id),
  check (imported + refused <= rows),
  check (state <> 'done' or imported + refused = rows),
  check ((state = 'running') = (finished_at is null))
);
select host.protect('host.import');

-- Rows that wait. They have passwords, so they are sealed, and they are gone once they are imported.
create table host.import_part (
  tenant_id    uuid not null,
  id           uuid not null,
  import_id    uuid not null,
  part         int not null,
  rows         bytea not null,
  rows_key     int generated always as (host.vault_key_of(rows)) stored references host.vault_key,
  primary key (tenant_id, id),
  unique (tenant_id, import_id, part),
  foreign key (tenant_id, import_id) references host.import
);
alter table host.import_part alter rows set storage external;  -- A ciphertext cannot be compressed.
create index on host.import_part (tenant_id, rows_key);
select host.protect('host.import_part');

-- Rows that were refused: of each import the first ones.
create table host.import_refusal (
  tenant_id    uuid not null,
  import_id    uuid not null,
  row          int not null,
  reason       text not null,
  primary key (tenant_id, import_id, row),
  foreign key (tenant_id, import_id) references host.import
);
select host.protect('host.import_refusal');

alter table host.due drop constraint due_kind_check;
alter table host.due add constraint due_kind_check check (kind in ('event', 'job', 'actor', 'import'));

create function host.import_is_due() returns trigger language plpgsql as $$
declare
  i host.import := coalesce(new, old);
begin
  if tg_op = 'DELETE' or i.state <> 'running' then
    perform host.is_not_due(i.tenant_id, 'import', 'host', 'subscribers', i.id::text, -1);
  else
    perform host.is_due(i.tenant_id, 'import', 'host', 'subscribers', i.id::text, -1, i.next_at);
  end if;
  return null;
end $$;
create trigger due after insert or update of state, next_at or delete on host.import
  for each row execute function host.import_is_due();
create trigger announce after insert on host.import for each row execute function host.announce_due();

create function host.forget_imports(before timestamptz, most int) returns int language plpgsql as $$
declare
  old uuid[] := array(
    select id from host.import
    where tenant_id = host.this_tenant() and state <> 'running' and finished_at < before
    order by id limit most for update skip locked);
begin
  delete from host.import_refusal where tenant_id = host.this_tenant() and import_id = any (old);
  delete from host.import where tenant_id = host.this_tenant() and id = any (old);
  return cardinality(old);
end $$;

select host.keep('host.import', 'host.forget_imports(timestamptz, int)', 400, 7,
  'What an import has brought, and which rows it refused: a year, to mend what was left behind.');
