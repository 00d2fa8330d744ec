#!/bin/sh
# The guest has what Berth is made of: systemd as the first process, cgroup v2 alone, and every controller that it uses,
# switched on in a group that systemd has handed over.
set -eu

state=$(systemctl is-system-running) || true
[ "$state" = running ] || { echo "systemd is $state:"; systemctl --failed --no-legend; exit 1; }
[ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ] || { echo "/sys/fs/cgroup is not cgroup v2"; exit 1; }

systemd-run --quiet --wait --pipe --property=Delegate=yes sh -eu -c '
    group=/sys/fs/cgroup$(sed s/^0::// /proc/self/cgroup)
    mkdir $group/agent $group/leaf
    echo 0 > $group/agent/cgroup.procs
    for controller in cpu memory io pids cpuset; do
        echo +$controller > $group/cgroup.subtree_control || { echo "$controller cannot be switched on"; exit 1; }
    done
    for file in cpu.max memory.max io.max pids.max cpuset.cpus; do
        [ -e $group/leaf/$file ] || { echo "a leaf has no $file"; exit 1; }
    done
    echo "50000 100000" > $group/leaf/cpu.max
    [ "$(cat $group/leaf/cpu.max)" = "50000 100000" ] || { echo "cpu.max does not hold"; exit 1; }
'
