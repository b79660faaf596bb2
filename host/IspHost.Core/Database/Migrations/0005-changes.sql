-- What memory follows, addresses that are given in one step, and names that are one whatever their case.

-- Microsoft.FeatureManagement does not look at the case of a name. Of flags that differ in nothing else the newest keeps its name.
update host.feature_flag f set name = left(f.name, 80) || '.double-' || d.number
from (select name, row_number() over (partition by lower(name) order by changed_at desc, name) - 1 as number from host.feature_flag) d
where d.name = f.name and d.number > 0;
create unique index feature_flag_name on host.feature_flag (lower(name));

-- The portal numbers that were drawn. Apart from host.tenant, which every node keeps in memory: a new customer is no news about it.
create table host.portal_number (
  tenant_id   uuid primary key references host.tenant,
  last        bigint not null check (last >= 0)
);
insert into host.portal_number select id, last_portal_number from host.tenant;
alter table host.tenant drop column last_portal_number;
select host.protect('host.portal_number');

-- What has changed, for nodes that hold it in memory: ids and nothing else, so it has no tenant_id and no policy. A node reads what
-- its last reading did not see, by snapshot and not by number, since transactions commit in another order than they begin. So an
-- announcement only has to say that there is something; none is lost with a connection. After an hour a row goes.
create table host.change (
  xid         xid8 not null default pg_current_xact_id(),
  noted_at    timestamptz not null default clock_timestamp(),
  subject     text not null check (subject in ('tenant', 'nas_device', 'subscriber', 'feature_flag')),
  tenant      uuid,                        -- whose; null if it belongs to none
  id          uuid                         -- which one; null: all of this subject and tenant
);
create index on host.change (xid);
revoke update, truncate on host.change from isphost_app;

-- Notes the rows of a statement, however many, with one announcement a transaction.
create function host.note_changes() returns trigger language plpgsql as $$
declare
  noted bigint;
begin
  execute format('insert into host.change (subject, tenant, id) select distinct %L, %s, %s from changed',
    tg_argv[0], tg_argv[1], tg_argv[2]);
  get diagnostics noted = row_count;
  if noted > 0 then
    perform pg_notify('isphost', 'change');
  end if;
  return null;
end $$;

create function host.note(target regclass, events text[], subject text, tenant text, id text) returns void language plpgsql as $$
declare
  event text;
begin
  execute format('drop trigger if exists announce on %s', target);
  foreach event in array events loop
    execute format(
      'create trigger note_%s after %s on %s referencing %s table as changed
       for each statement execute function host.note_changes(%L, %L, %L)',
      event, event, target, case event when 'delete' then 'old' else 'new' end, subject, tenant, id);
  end loop;
end $$;

select host.note('host.tenant', '{insert,update}', 'tenant', 'null::uuid', 'id');
select host.note('host.feature_flag', '{insert,update,delete}', 'feature_flag', 'null::uuid', 'null::uuid');
select host.note('host.nas_device', '{insert,update,delete}', 'nas_device', 'tenant_id', 'null::uuid');
-- A new service is nobody's login until it has a contract.
select host.note('host.subscription', '{update,delete}', 'subscriber', 'tenant_id', 'id');
select host.note('host.contract_version', '{insert,update,delete}', 'subscriber', 'tenant_id', 'subscription_id');
select host.note('host.access_lock', '{insert,update,delete}', 'subscriber', 'tenant_id', 'subscription_id');
select host.note('host.address_assignment', '{insert,update,delete}', 'subscriber', 'tenant_id', 'subscription_id');
drop function host.note(regclass, text[], text, text, text);

-- Pieces that can be given at once: drawn from a prefix some dozens at a time, or returned and rested. To take one is one row and no
-- wait, however large or full the pool is.
alter table host.address_pool add column quarantine_seconds int not null default 3600 check (quarantine_seconds between 0 and 2592000);
alter table host.pool_prefix add column last_piece cidr;  -- the last that was drawn; null: none

create table host.free_piece (
  tenant_id   uuid not null,
  pool        text not null,
  kind        text not null,
  free_at     timestamptz not null,        -- -infinity: it was never given
  address     cidr not null,
  prefix      cidr not null,
  primary key (tenant_id, pool, kind, free_at, address),
  unique (tenant_id, address),
  foreign key (tenant_id, prefix) references host.pool_prefix (tenant_id, prefix),
  check (address <<= prefix)
);

-- What was given once and has come back, from when that was not written down.
alter table host.pool_prefix no force row level security;
alter table host.address_assignment no force row level security;
do $$
declare
  p host.pool_prefix;
  piece cidr;
begin
  for p in select * from host.pool_prefix where next_piece > 0 loop
    for number in 0 .. p.next_piece - 1 loop
      piece := case when number = 0 then set_masklen(p.prefix::inet, p.piece_length)
        else set_masklen(broadcast(piece)::inet + 1, p.piece_length) end::cidr;
      insert into host.free_piece (tenant_id, pool, kind, free_at, address, prefix)
      select p.tenant_id, p.pool, p.kind, now(), piece, p.prefix
      where (number > 0 or p.kind <> 'v4' or masklen(p.prefix) >= 31)
        and not exists (select from host.address_assignment a where a.tenant_id = p.tenant_id and a.address = piece);
    end loop;
    update host.pool_prefix set last_piece = piece where tenant_id = p.tenant_id and id = p.id;
  end loop;
end $$;
alter table host.pool_prefix force row level security;
alter table host.address_assignment force row level security;
select host.protect('host.free_piece');

-- A piece that rests is free after the pool's time of quarantine: a session of the service that had it may still be up.
create function host.rest_pieces() returns trigger language plpgsql as $$
begin
  insert into host.free_piece (tenant_id, pool, kind, free_at, address, prefix)
  select g.tenant_id, p.pool, g.kind, now() + make_interval(secs => o.quarantine_seconds), g.address, g.prefix
  from gone g
  join host.pool_prefix p on p.tenant_id = g.tenant_id and p.prefix = g.prefix
  join host.address_pool o on o.tenant_id = p.tenant_id and o.name = p.pool;
  return null;
end $$;
create trigger rest after delete on host.address_assignment referencing old table as gone
  for each statement execute function host.rest_pieces();

-- Draws the next pieces of a prefix. The prefix's row stays locked until the end of the transaction, but only one login in 64 comes here.
create function host.draw_pieces(p host.pool_prefix) returns void language plpgsql as $$
declare
  piece cidr := p.last_piece;
  drawn bigint := least(64, p.pieces - p.next_piece);
begin
  if piece is null and p.next_piece > 0 then
    piece := set_masklen(p.prefix::inet, p.piece_length)::cidr;  -- the network's own address, which nobody gets
  end if;
  for number in 1 .. drawn loop
    piece := case when piece is null then set_masklen(p.prefix::inet, p.piece_length)
      else set_masklen(broadcast(piece)::inet + 1, p.piece_length) end::cidr;
    insert into host.free_piece (tenant_id, pool, kind, free_at, address, prefix)
    values (p.tenant_id, p.pool, p.kind, '-infinity', piece, p.prefix);
  end loop;
  update host.pool_prefix set next_piece = next_piece + drawn, last_piece = piece where tenant_id = p.tenant_id and id = p.id;
end $$;

-- Takes a free piece, or null if there is none.
create function host.take_piece(whose uuid, of_pool text, of_kind text, out address cidr, out prefix cidr) language plpgsql as $$
declare
  p host.pool_prefix;
  misses int := 0;
begin
  loop
    delete from host.free_piece f
    where f.ctid = (
      select c.ctid from host.free_piece c
      where c.tenant_id = whose and c.pool = of_pool and c.kind = of_kind and c.free_at <= now()
      order by c.free_at, c.address limit 1 for update skip locked)
    returning f.address, f.prefix into address, prefix;
    exit when found or misses = 2;
    select * into p from host.pool_prefix c
    where c.tenant_id = whose and c.pool = of_pool and c.kind = of_kind and c.next_piece < c.pieces
    order by c.prefix limit 1 for update;
    if not found then
      -- Somebody may have drawn the last of one prefix while this waited, and left pieces, or there may be another prefix.
      misses := misses + 1;
    elsif not exists (
      select from host.free_piece c where c.tenant_id = whose and c.pool = of_pool and c.kind = of_kind and c.free_at <= now()
      for update skip locked) then
      perform host.draw_pieces(p);
    end if;
  end loop;
end $$;

-- Gives a service one address of each kind that the pool has, and answers with all that it has. No row: the pool is used up, or the
-- service has ended. Its row keeps two logins of one service apart, and a login from its end.
create function host.assign_addresses(service uuid, of_pool text, out v4 cidr, out v6 cidr, out delegated cidr)
returns setof record language plpgsql as $$
declare
  whose uuid := current_setting('app.tenant')::uuid;
  wanted text;
  piece record;
begin
  perform from host.subscription s where s.tenant_id = whose and s.id = service and s.state <> 'terminated' for no key update;
  if not found then
    return;
  end if;
  for wanted in
    select distinct p.kind from host.pool_prefix p
    where p.tenant_id = whose and p.pool = of_pool and not exists (
      select from host.address_assignment a where a.tenant_id = whose and a.subscription_id = service and a.kind = p.kind)
    order by p.kind
  loop
    select * into piece from host.take_piece(whose, of_pool, wanted);
    if piece.address is null then
      raise exception sqlstate 'IH001';
    end if;
    insert into host.address_assignment (tenant_id, subscription_id, kind, address, prefix)
    values (whose, service, wanted, piece.address, piece.prefix);
  end loop;
  select max(a.address::inet) filter (where a.kind = 'v4'), max(a.address::inet) filter (where a.kind = 'v6'),
    max(a.address::inet) filter (where a.kind = 'delegated')
  into v4, v6, delegated
  from host.address_assignment a where a.tenant_id = whose and a.subscription_id = service;
  return next;
exception when sqlstate 'IH001' then
  return;  -- and what was taken of other kinds is given back
end $$;

-- Which tenant's access servers may have an address. The first that names one has it; to share it takes the operator's word, since
-- packets without a Message-Authenticator are known by their address alone. Ids only, so it has no tenant_id and no policy.
create table host.device_address (
  address     inet not null,
  tenant      uuid not null references host.tenant,
  is_shared   boolean not null default false,  -- by the operator's word
  primary key (address, tenant)
);
create unique index device_address_owner on host.device_address (address) where not is_shared;
alter table host.nas_device no force row level security;
insert into host.device_address (address, tenant, is_shared)
select address, tenant_id, row_number() over (partition by address order by tenant_id) > 1 from host.nas_device;
alter table host.nas_device force row level security;

create function host.claim_address() returns trigger language plpgsql as $$
begin
  insert into host.device_address (address, tenant) values (new.address, new.tenant_id) on conflict do nothing;
  if not exists (select from host.device_address where address = new.address and tenant = new.tenant_id) then
    raise exception 'another tenant has this address' using errcode = 'unique_violation', constraint = 'device_address_owner';
  end if;
  return new;
end $$;
create trigger claim before insert on host.nas_device for each row execute function host.claim_address();

create function host.leave_address() returns trigger language plpgsql as $$
begin
  delete from host.device_address where address = old.address and tenant = old.tenant_id and not is_shared;
  return null;
end $$;
create trigger leave after delete on host.nas_device for each row execute function host.leave_address();
