-- One row for each session that an access server has reported. It is updated by every Interim-Update, so it is narrow, leaves room
-- on its page for the next version, and has no index on anything that an Interim-Update changes: the update then touches no index.
-- There is no foreign key to host.tenant: checking it would be the dearest part of inserting a session, and the tenant comes
-- from the host, never from a packet.
create table radius.session (
  tenant_id uuid not null,
  id uuid not null,
  nas_id uuid not null,
  -- As received: a peer may send octets that are no text.
  acct_session_id bytea not null,
  user_name bytea not null,
  incarnation integer not null,
  token uuid,
  subscription_id uuid,
  started_at timestamptz not null,
  begin_known boolean not null,
  last_at timestamptz not null,
  counted_at timestamptz not null,
  session_seconds bigint not null,
  octets_up bigint not null check (octets_up >= 0),
  octets_down bigint not null check (octets_down >= 0),
  -- Bits: 1 and 2 the device counts gigawords up, down; 4 and 8 a counter that cannot be, up, down.
  counter_flags smallint not null,
  stopped_at timestamptz,
  end_reason smallint,
  terminate_cause integer,
  framed_address inet,
  port_id text,
  nas_address inet,
  nas_identifier text,
  primary key (tenant_id, id),
  unique (tenant_id, nas_id, acct_session_id, user_name, incarnation),
  check ((stopped_at is null) = (end_reason is null))
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);

create index session_open on radius.session (tenant_id, id) where stopped_at is null;
create index session_open_of_subscription on radius.session (tenant_id, subscription_id) where stopped_at is null;
select host.protect('radius.session');

-- When an access server last said that it began anew: a record from before that, arriving late, opens no session.
create table radius.nas_boot (
  tenant_id uuid not null,
  nas_id uuid not null,
  booted_at timestamptz not null,
  primary key (tenant_id, nas_id)
);
select host.protect('radius.nas_boot');

-- A CoA- or Disconnect-Request and what came of it.
create table radius.change_request (
  tenant_id uuid not null references host.tenant (id),
  id uuid not null,
  session_id uuid not null,
  kind text not null check (kind in ('change', 'disconnect')),
  access text not null,
  reason text not null,
  requested_by text not null,
  -- When what it is about happened, by the tenant's clock: an older request does not undo a newer one.
  as_of timestamptz not null,
  requested_at timestamptz not null,
  finished_at timestamptz,
  outcome text not null check (outcome in ('pending', 'acknowledged', 'refused', 'no_answer', 'superseded', 'no_session', 'no_device')),
  error_cause integer,
  attempts integer not null default 0,
  primary key (tenant_id, id),
  foreign key (tenant_id, session_id) references radius.session (tenant_id, id)
);
create index change_request_of_session on radius.change_request (tenant_id, session_id, as_of);
select host.protect('radius.change_request');
revoke delete on radius.change_request from isphost_app;
