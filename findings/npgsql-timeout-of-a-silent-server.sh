#!/usr/bin/env bash
# Npgsql 10.0.3 and PostgreSQL 15: a command to a server that has gone silent ends four times later than its time-out says.
#
# When `Command Timeout` is over, Npgsql asks the server on a second connection to cancel, before it throws. A server that is stopped
# (SIGSTOP, a frozen virtual machine, a hanging disk) lets the kernel accept that connection and says nothing, so the second connection
# waits for its own time-outs: `Timeout` for the answer to GSS encryption, which is asked for by default, `Timeout` again without it. With
# `Timeout=3;Command Timeout=2` a command ends after 8 s and not after 2; without GSS encryption after 5. `Cancellation Timeout=-1` reads
# as if it skipped the wait, but skips only the one after the request. A cancelled token takes the same way. Whoever promises an answer
# within so many seconds has to close the socket.
set -euo pipefail
work=$(mktemp -d)
bin=$(compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -1)
user=()
((EUID == 0)) && user=(setpriv --reuid=nobody --regid=nogroup --clear-groups) && chown nobody:nogroup "$work" && chmod 755 "$work"
# What has ended already, or never began, needs neither signal nor stop: cleaning up must not hide how the trial ended.
finish() {
  [ -f "$work/data/postmaster.pid" ] && { pkill -CONT -P "$(head -1 "$work/data/postmaster.pid")" || true; kill -CONT "$(head -1 "$work/data/postmaster.pid")"; }
  "${user[@]}" "$bin/pg_ctl" -D "$work/data" -m immediate stop > /dev/null 2>&1 || true
  rm -rf "$work"
}
trap finish EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 TZ=UTC

port=$((20000 + RANDOM % 10000))
"${user[@]}" "$bin/initdb" -D "$work/data" -A trust -U postgres --no-sync > /dev/null
"${user[@]}" "$bin/pg_ctl" -D "$work/data" -w -l "$work/data/log" \
  -o "-c port=$port -c listen_addresses=127.0.0.1 -c unix_socket_directories=''" start > /dev/null

mkdir "$work/try"
cat > "$work/try/try.cs" <<'CS'
#:package Npgsql@10.0.3
#:property PublishAot=false
using System.Diagnostics;
using Npgsql;

var (port, postmaster) = (args[0], args[1]);
await TryAsync("by default", "", cancelAfter: null);
await TryAsync("without GSS encryption", "GSS Encryption Mode=Disable", cancelAfter: null);
await TryAsync("with Cancellation Timeout=-1", "Cancellation Timeout=-1", cancelAfter: null);
await TryAsync("token cancelled after 1 s", "", cancelAfter: TimeSpan.FromSeconds(1));

async Task TryAsync(string what, string more, TimeSpan? cancelAfter)
{
    await using var connection = new NpgsqlConnection(
        $"Host=127.0.0.1;Port={port};Username=postgres;Database=postgres;Pooling=false;Timeout=3;Command Timeout=2;{more}");
    await connection.OpenAsync();
    await using var command = new NpgsqlCommand("select 1", connection);
    await command.ExecuteScalarAsync();
    Signal("STOP");
    var start = Stopwatch.GetTimestamp();
    using var token = cancelAfter is { } after ? new CancellationTokenSource(after) : new CancellationTokenSource();
    try { await command.ExecuteScalarAsync(token.Token); }
    catch (Exception thrown) { Console.WriteLine($"{what}: {thrown.GetType().Name} after {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s"); }
    Signal("CONT");
}

void Signal(string name)
{
    Process.Start("pkill", [$"-{name}", "-P", postmaster]).WaitForExit();
    Process.Start("kill", [$"-{name}", postmaster]).WaitForExit();
}
CS
cat > "$work/try/expected" <<'TXT'
by default: NpgsqlException after 8 s
without GSS encryption: NpgsqlException after 5 s
with Cancellation Timeout=-1: NpgsqlException after 8 s
token cancelled after 1 s: OperationCanceledException after 7 s
TXT

cd "$work/try"
dotnet run try.cs -- "$port" "$(head -1 "$work/data/postmaster.pid")" 2> errors > seen || { cat errors seen; exit 1; }
cat seen
diff expected seen && echo "As stated."
