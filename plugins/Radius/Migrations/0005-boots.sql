-- An access server that begins anew loses all its sessions, and they may be many: they are closed after the answer, in pieces. Until then
-- these two tell which they are: those that were written when the device had begun anew less often than it has by now.
alter table radius.nas_boot add column boots integer not null default 0;
alter table radius.session add column boots integer not null default 0;
