#!/bin/bash
# An ordinary user's agent works in the scope that the user's own manager makes, wherever it was started from, and another
# holder takes the place of one that dies.
set -eu

fail() { echo "FAILED: $*"; cat /tmp/agent/log; exit 1; }
eventually() { for _ in $(seq 200); do "$@" && return; sleep 0.1; done; fail "never: $*"; }
useradd -m user
groupadd -f berth
id=$(id -u user)
systemctl start "user@$id.service"
scope=/sys/fs/cgroup/user.slice/user-$id.slice/user@$id.service/berth.slice/berth-workloads.scope
holder() { cat "$scope/holder/cgroup.procs" 2> /dev/null; }
has_holder() { [ -n "$(holder)" ]; }
has_other_holder() { has_holder && [ "$(holder)" != "$1" ]; }
serves() { grep -q serving /tmp/agent/log; }

install -d -o user /tmp/agent
agent="exec berthd --socket /tmp/agent/socket --state /tmp/agent/state"
for from in session manager; do
    case $from in
    session) su user -s /bin/bash -c "$agent 2> /tmp/agent/log" & ;;
    manager)
        su user -s /bin/bash -c "XDG_RUNTIME_DIR=/run/user/$id systemd-run --user --quiet --wait --collect \
            --unit=agent --setenv=PATH=$PATH bash -c '$agent 2> /tmp/agent/log'" &
        ;;
    esac
    eventually serves
    has_holder || fail "no holder in $scope"
    first=$(holder)
    [ "$(stat -c %U "/proc/$first")" = user ] || fail "the holder is $(stat -c %U "/proc/$first")'s"
    for controller in cpu memory pids; do
        grep -qw $controller "$scope/cgroup.controllers" || fail "the scope has no controller $controller"
    done
    kill -KILL "$first"
    eventually has_other_holder "$first"
    pkill -x berthd
    wait
    has_holder || fail "the holder went with the agent"
    [ "$from" = manager ] || first=$(holder)
    : > /tmp/agent/log
done
