-- Lets go of old rows of some tenants, of each as that tenant and by its own clock, until so many rows have gone or a second has. Says
-- of those who had their turn how many went, whether that was all, and why none could go.
create function host.forget_old(subject text, tenants uuid[], clocks timestamptz[], most int)
returns table (gone int, is_over boolean, failure text) language plpgsql as $$
declare
  forget constant text := (select r.forget from host.retention r where r.subject = forget_old.subject);
  left_over int := most;
  tenant uuid;
  clock timestamptz;
begin
  for tenant, clock in select * from unnest(tenants, clocks) loop
    begin
      perform set_config('app.tenant', tenant::text, true);
      execute format('select %s(host.kept_since($1, $2), $3)', forget) into gone using subject, clock, left_over;
      is_over := gone < left_over;
      failure := null;
    exception when others then
      gone := 0;
      is_over := true;
      failure := sqlerrm;
    end;
    return next;
    left_over := left_over - gone;
    exit when left_over <= 0 or clock_timestamp() > statement_timestamp() + interval '1 second';
  end loop;
end $$;
