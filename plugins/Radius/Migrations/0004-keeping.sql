-- A session goes with the requests to change it, when it has ended long ago and its usage has been billed. Identities begin with their
-- time, so the primary key finds the oldest ones first. A tenant whose clock is in the past keeps its sessions as long as the others.
create function radius.forget_sessions(before timestamptz, most int) returns int language plpgsql security definer
set search_path = pg_catalog as $$
declare
  tenant uuid := host.this_tenant();
  kept uuid[];
  old uuid[];
begin
  if not exists (select from radius.session where tenant_id = tenant and id < host.id_at(before) and stopped_at < before) then
    return 0;
  end if;
  kept := array(select distinct host.unbilled(host.days_around('-infinity', before)));
  old := array(
    select id from radius.session
    where tenant_id = tenant and id < host.id_at(before) and stopped_at < before
      and (subscription_id is null or subscription_id <> all (kept))
    order by id limit most for update skip locked);
  delete from radius.change_request where tenant_id = tenant and session_id = any (old);
  delete from radius.session where tenant_id = tenant and id = any (old);
  return cardinality(old);
end $$;
revoke all on function radius.forget_sessions(timestamptz, int) from public;
grant execute on function radius.forget_sessions(timestamptz, int) to isphost_app;

-- A record that is repeated after its session has gone would begin another one, and be counted again: a month is more than devices keep
-- what they could not deliver.
select host.keep('radius.session', 'radius.forget_sessions(timestamptz, int)', 180, 31,
  'Traffic data: as long as a bill may be disputed, and no longer (Directive 2002/58/EC, article 6). What has not been billed stays.');
