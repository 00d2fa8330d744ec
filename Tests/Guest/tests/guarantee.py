#!/usr/bin/python3 -B
"""A reservation keeps the memory that it holds while a neighbour outside of Berth eats all there is."""
import pathlib
import subprocess
import time

from inside.case import MIB, HeldCase, main, measured
from inside.leaf import Leaf

OUTSIDE = ["systemd-run", "--quiet", "--scope", "-p", "OOMPolicy=continue", "choom", "-n", "1000", "--", "workload"]


class Guarantee(HeldCase):
    def test_a_neighbour_eats_everything(self):
        """Until the kernel kills the eater, with swap to flee to."""
        reservation = self.granted({"memory": "100MiB"}, lease="10m")
        leaf = Leaf(reservation["cgroup"])
        keeper = self.attached(reservation, "touch", "80")
        self.wait_for(lambda: leaf.counters("memory.stat")["anon"] >= 80 * MIB)
        swap = pathlib.Path("/sys/block/zram0")
        if subprocess.run(["modprobe", "zram"], check=False).returncode == 0 and swap.exists():
            (swap / "disksize").write_text(str(256 * MIB))
            subprocess.run("mkswap /dev/zram0 > /dev/null && swapon /dev/zram0", shell=True, check=True)
        self.assertEqual(self.spawn(*OUTSIDE, "touch", "4000").wait(300), -9)
        time.sleep(0.5)
        kept = leaf.counters("memory.stat")["anon"]
        measured(f"of 80 MiB of anonymous memory {kept / MIB:.0f} MiB are kept, {leaf.number('memory.swap.current')} "
                 f"bytes of it swapped out")
        self.assertGreaterEqual(kept, 80 * MIB)
        self.assertEqual(leaf.number("memory.swap.current"), 0)
        self.assertEqual(leaf.counters("memory.events")["oom_kill"], 0)
        self.assertIsNone(keeper.poll())


if __name__ == "__main__":
    main()
