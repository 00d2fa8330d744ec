"""kill -9 of the agent, which systemd starts again."""
import os
import pathlib

from inside.case import HeldCase


class CrashCase(HeldCase):
    @classmethod
    def setUpClass(cls):
        # The pause is the unit's, to spare a broken host; here it is 100 s for nothing.
        drop_in = pathlib.Path("/etc/systemd/system/berthd.service.d/quick.conf")
        drop_in.parent.mkdir(parents=True)
        drop_in.write_text("[Service]\nRestartSec=20ms\n")
        super().setUpClass()

    def setUp(self):
        super().setUp()
        self.pid = self.service.pid

    def crash(self):
        pid = self.pid
        os.kill(pid, 9)
        self.service.wait_until_serving()
        self.pid = self.service.pid
        self.assertNotIn(self.pid, (0, pid))
