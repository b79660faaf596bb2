-- Which nodes serve a plugin, by the names they have in the cluster: its subscriptions end when the last of them has removed it.
create table host.event_subscriber_node (
  plugin text not null references host.event_subscriber on delete cascade,
  node   text not null,
  primary key (plugin, node)
);
