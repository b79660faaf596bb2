-- What a session was last given, and what a request would give it: equal numbers, equal access.
alter table radius.session add column granted bigint;
alter table radius.change_request add column grants bigint;
