#!/bin/sh
# Run in a guest as root by item_guest.py: an agent that enforces, and `launch` on what stands beside it. Prints
# lines "run WHO WHEN" before the lines of `launch`, and "load ..." with what `load` printed.
#   guest.sh ROUNDS LIVE
set -eu
rounds=$1 live=$2
programs=/host/bench-programs
here=/sys/fs/cgroup/bench.slice
fail() { echo "$*" >&2; cat /run/bench/log >&2 2>/dev/null || journalctl -u berthd --no-pager >&2; exit 1; }

getent group berth >/dev/null || groupadd --system berth
id worker >/dev/null 2>&1 || useradd --no-create-home --groups berth worker
mkdir -p /run/bench
chmod 0755 /run/bench
if [ -e /host/systemd/berthd.service ]; then
    # As it is installed: a service whose socket systemd made.
    install -D -m 0644 -t /etc/systemd/system /host/systemd/berthd.* /host/systemd/berth.slice
    ln -sf /host/berthd /usr/local/sbin/berthd
    systemd-sysusers /host/systemd/sysusers.d/berth.conf
    systemd-tmpfiles --create /host/systemd/tmpfiles.d/berth.conf
    mkdir -p /etc/berth
    printf 'caps: {reservations: 20000, connections: 256}\n' >/etc/berth/berth.yaml
    systemctl daemon-reload
    systemctl start berthd.socket berthd
    BERTH_SOCKET=/run/berth/berth.sock
else
    # By hand, in a group that systemd hands over.
    BERTH_SOCKET=/run/bench/berth.sock
    printf 'roles:\n  submit: {groups: [berth]}\ncaps: {reservations: 20000, connections: 256}\n' >/run/bench/berth.yaml
    systemd-run --quiet --unit bench-agent --property=Delegate=yes --property=StandardError=file:/run/bench/log \
        /host/berthd --socket $BERTH_SOCKET --state /run/bench/state --config /run/bench/berth.yaml \
        --cgroup-root "${BERTH_BENCH_CGROUP:-/sys/fs/cgroup/system.slice/bench-agent.service}"
fi
export BERTH_SOCKET
for try in $(seq 300); do
    berth status >/dev/null 2>&1 && break
    sleep 0.1
done
berth status >/dev/null || fail "the agent does not answer"
berth run --cpu 0.01 -- sh -c 'echo "cgroup $BERTH_CGROUP"' || fail "berth run failed"

# Where the floors make their groups, with the same controllers as a reservation has; worker may too.
mkdir -p $here/floor
echo '+cpu +memory +pids' >/sys/fs/cgroup/cgroup.subtree_control
echo '+cpu +memory +pids' >$here/cgroup.subtree_control
echo '+cpu +memory +pids' >$here/floor/cgroup.subtree_control
mkdir -p $here/floor/cgexec

# The smallest container: this root, read-only, no namespaces but a mount namespace.
mkdir -p /run/bench/bundle /run/bench/root
mount --bind / /run/bench/root
cat >/run/bench/bundle/config.json <<'JSON'
{"ociVersion": "1.0.2", "process": {"terminal": false, "user": {"uid": 0, "gid": 0}, "args": ["/bin/true"],
 "cwd": "/", "env": ["PATH=/usr/bin:/bin"]}, "root": {"path": "/run/bench/root", "readonly": true},
 "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"}],
 "linux": {"namespaces": [{"type": "mount"}], "cgroupsPath": "/bench.slice/crun",
  "resources": {"memory": {"limit": 268435456}, "cpu": {"quota": 100000, "period": 100000}}}}
JSON

# A ceiling of a whole CPU everywhere: a lower one would hold up the start itself, and measure that.
cpu='{"amount":0.1,"limit":1}'
run() {
    who=$1 when=$2 block=$3 space=$4 user=$5
    count=$rounds
    [ "$block" = 1 ] || count=$((rounds / 5 + 1))
    set -- true /bin/true \
        --- round_trip $programs/round_trip $BERTH_SOCKET "{\"resources\":{\"cpu\":$cpu},\"attach\":\"caller\"}" /bin/true \
        --- quiet /host/berth run --cpu 0.1 --limit-cpu 1 --quiet -- /bin/true \
        --- berth /host/berth run --cpu 0.1 --limit-cpu 1 -- /bin/true
    # What only root may do without more ado.
    [ "$who" != root ] || set -- "$@" \
        --- clone $programs/cgroup_clone $here/floor /bin/true \
        --- move $programs/cgroup_move $here/floor /bin/true \
        --- systemd-run systemd-run --quiet --scope -p CPUQuota=100% -p MemoryMax=256M /bin/true \
        --- crun crun run --bundle /run/bench/bundle bench \
        --- cgexec cgexec -g cpu,memory,pids:bench.slice/floor/cgexec /bin/true
    echo "run $who $when"
    $programs/launch "$count" "$block" "$space" $user -- "$@" || fail "launch failed"
    # What cgroup_move leaves behind.
    for group in $here/floor/floor-*; do rmdir "$group" 2>/dev/null || true; done
}
worker="--user $(id -u worker):$(id -g worker):$(getent group berth | cut -d: -f3)"
run root spaced 1 100 ""
run root back 6 0 ""
run worker spaced 1 100 "$worker"
run worker back 6 0 "$worker"
# Each leaf is watched, and a kernel with a GiB of memory lets one user watch 8,000 files.
echo 65536 >/proc/sys/fs/inotify/max_user_watches
# The median and the 99th percentile of a file of latencies.
percentiles() { od -An -v -td4 -w4 "$1" | sort -n | awk '{ a[NR] = $1 } END { print a[int(NR / 2) + 1], a[int(NR * 0.99) + 1] }'; }
latencies=/run/bench/latencies
held=0
for live in 10 $live; do
    $programs/load $BERTH_SOCKET fill 8 $((live - held)) - '{"resources":{"memory":16384},"lease":"24h","end":"released"}' >/dev/null ||
        fail "filling failed"
    held=$live
    for connections in 1 8 64; do
        for turn in 1 2 3; do
            pair=$($programs/load $BERTH_SOCKET pair $connections 3 $latencies)
            echo "load $live $connections pair $pair $(percentiles $latencies)"
            echo "load $live $connections health $($programs/load $BERTH_SOCKET get:/v1/health $connections 1)"
            for group in 1 64; do
                echo "commits $group $($programs/commits /var/tmp/commits.db $group 1)"
                rm -f /var/tmp/commits.db*
            done
        done
    done
done
