-- How far a round over the tenants has come, in the order of their ids: the next one goes on behind it. Null when it has come to the end.
alter table host.retention add column reached uuid;
grant update (reached) on host.retention to isphost_app;
