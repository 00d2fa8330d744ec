#!/bin/bash
# The agent as a service: socket activation, readiness, watchdog, reload, capabilities, fields in the journal, and the
# scope of the workloads, which outlives the agent and is made again when something ends it.
set -eu

scope=/sys/fs/cgroup/berth.slice/berth-workloads.scope
fail() { echo "FAILED: $*"; journalctl -u berthd -u berth-workloads.scope --no-pager -o short-monotonic | tail -30; exit 1; }
show() { systemctl show -P "$1" "$2"; }
# Waits up to 20 s for a command to succeed.
eventually() { for _ in $(seq 200); do "$@" && return; sleep 0.1; done; fail "never: $*"; }
same() { [ "$2" = "$3" ] || fail "$1 is '$2', not '$3'"; }
is() { [ "$(show "$2" berthd)" = "$1" ]; }
is_not() { ! is "$@"; }
logged() { journalctl -u berthd -o cat --no-pager | grep -q -i "$1"; }
health() { socat -t 30 -T 30 - UNIX-CONNECT:/run/berth/berth.sock <<< $'GET /v1/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r'; }
holder() { cat $scope/holder/cgroup.procs 2> /dev/null; }
has_holder() { [ -n "$(holder)" ]; }
has_other_holder() { has_holder && [ "$(holder)" != "$1" ]; }

install -D -m 0644 -t /etc/systemd/system /host/systemd/berthd.* /host/systemd/berth.slice
ln -s /host/berthd /usr/local/sbin/berthd
systemd-sysusers /host/systemd/sysusers.d/berth.conf
systemd-tmpfiles --create /host/systemd/tmpfiles.d/berth.conf
systemctl daemon-reload

# The socket alone, and the agent by the first who connects.
systemctl start berthd.socket
same "the socket" "$(stat -c '%A %U %G' /run/berth/berth.sock)" "srw-rw---- root berth"
same "the agent before anybody asks" "$(systemctl is-active berthd || true)" inactive
health | grep -q '200 OK' || fail "no answer through the socket"
same "the agent" "$(systemctl is-active berthd)" active
same "its status" "$(show StatusText berthd)" serving
same "the watchdog" "$(show WatchdogUSec berthd)" 30s

# Every task has the listed capabilities and no others, nor ever can.
pid=$(show MainPID berthd)
want=$((1 << 0 | 1 << 2 | 1 << 5 | 1 << 6 | 1 << 7 | 1 << 12 | 1 << 19 | 1 << 21 | 1 << 23))
for status in /proc/"$pid"/task/*/status; do
    for set in CapEff CapPrm CapBnd; do
        same "$set of $status" "$(sed -n "s/^$set:\t//p" "$status")" "$(printf %016x $want)"
    done
    for set in CapInh CapAmb; do same "$set of $status" "$(sed -n "s/^$set:\t//p" "$status")" 0000000000000000; done
done

# Its own service must not look like a limit of the host.
same "pids.max of the service" "$(cat /sys/fs/cgroup/system.slice/berthd.service/pids.max)" max

# What the doctor finds of the agent is in order.
found=$(berth doctor --all) || true
echo "$found" | grep -q "no more capabilities than the agent needs" || fail "the doctor of a sound service: $found"

# The scope, its holder, and what systemd was told of both.
first=$(holder)
[ -n "$first" ] || fail "no holder in $scope/holder"
same "the holder's name" "$(cat /proc/"$first"/comm)" berth-holder
same "the holder's user" "$(stat -c %U /proc/"$first")" nobody
same "the holder's capabilities" "$(sed -n 's/^CapPrm:\t//p' /proc/"$first"/status)" 0000000000000000
same "the holder's files" "$(ls /proc/"$first"/fd | wc -l)" 0
memory=$(sed -n 's/^RssAnon:\s*\([0-9]*\) kB/\1/p' /proc/"$first"/status)
[ "$memory" -lt 4096 ] || fail "the holder keeps $memory kB of the agent's memory"
same "processes in the scope's own cgroup" "$(wc -l < $scope/cgroup.procs)" 0
same "Delegate" "$(show Delegate berth-workloads.scope)" yes
same "pids.max of the scope" "$(cat $scope/pids.max)" max
same "cpu.weight of the scope" "$(cat $scope/cpu.weight)" 1000
same "cpu.weight of the slice" "$(cat $scope/../cpu.weight)" 1000
for controller in cpu cpuset io memory pids; do
    grep -qw $controller $scope/cgroup.controllers || fail "the scope has no controller $controller"
done

# A workload in a leaf, which nothing of what follows until the scope's own end may touch.
mkdir $scope/leaf
sleep infinity & workload=$!
echo $workload > $scope/leaf/cgroup.procs
untouched() { [ "$(cat $scope/leaf/cgroup.procs)" = $workload ] || fail "$1: the workload is gone"; }

systemctl restart berthd
same "the agent after a restart" "$(systemctl is-active berthd)" active
same "the holder after a restart" "$(holder)" "$first"
untouched restart
pid=$(show MainPID berthd)
kill -KILL "$pid"
eventually is_not "$pid" MainPID
eventually health > /dev/null
same "the holder after the agent's death" "$(holder)" "$first"
untouched "kill of the agent"

# Limits that systemd itself holds come through a daemon-reload, and the agent hears of it.
systemctl daemon-reload
same "cpu.weight of the scope after a daemon-reload" "$(cat $scope/cpu.weight)" 1000
eventually logged "loaded its units again"
untouched daemon-reload

# A holder that dies is followed by another while workloads live.
kill -KILL "$first"
eventually has_other_holder "$first"
untouched "kill of the holder"
same "the scope" "$(systemctl is-active berth-workloads.scope)" active

# Whoever stops the scope ends everything in it, and the agent makes another.
second=$(holder)
systemctl stop berth-workloads.scope
kill -0 $workload 2> /dev/null && wait $workload || true
kill -0 $workload 2> /dev/null && fail "the workload outlived its scope"
eventually has_other_holder "$second"
same "the new scope" "$(systemctl is-active berth-workloads.scope)" active
[ ! -d $scope/leaf ] || fail "the new scope has the old leaf"
same "cpu.weight of the new scope" "$(cat $scope/cpu.weight)" 1000

# A reload is told to systemd, and a broken file changes nothing.
install -D /dev/null /etc/berth/berth.yaml
systemctl reload berthd
eventually logged "configuration was read again"
same "the agent after a reload" "$(systemctl is-active berthd)" active
echo "nonsense: [" > /etc/berth/berth.yaml
systemctl reload berthd
eventually logged "configuration stays as it was"
same "the agent after a broken reload" "$(systemctl is-active berthd)" active
rm /etc/berth/berth.yaml

# Fields in the journal.
journalctl -u berthd -o json BERTH_CGROUP=$scope --no-pager | grep -q '"SYSLOG_IDENTIFIER":"berthd"' ||
    fail "no entry with the field BERTH_CGROUP"
journalctl -u berthd -p err -o cat --no-pager | grep -q "configuration stays as it was" || fail "no priority"

# An agent that is stuck is killed and started again.
install -D /dev/stdin /run/systemd/system/berthd.service.d/watchdog.conf <<< $'[Service]\nWatchdogSec=3'
systemctl daemon-reload
systemctl restart berthd
sleep 8
same "restarts of an agent that is well, with a watchdog of 3 s" "$(show NRestarts berthd)" 0
pid=$(show MainPID berthd)
kill -STOP "$pid"
eventually is 1 NRestarts
logged watchdog || fail "systemd says nothing of its watchdog"

# Stopping ends nothing.
systemctl stop berthd.socket berthd
same "the scope after the agent's end" "$(systemctl is-active berth-workloads.scope)" active
same "the socket after its end" "$(systemctl is-active berthd.socket || true)" inactive
systemd-analyze verify /etc/systemd/system/berthd.service 2>&1 | grep -v -e 'Failed to prepare filename' -e man: || true
systemd-analyze security --no-pager berthd.service | tail -1
systemctl stop berth-workloads.scope
[ -z "$(pgrep -x berth-holder)" ] || fail "a holder outlived its scope"
