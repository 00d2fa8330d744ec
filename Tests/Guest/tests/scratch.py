#!/usr/bin/python3 -B
"""scratch-space under the service: folders that a file system's project quotas hold to their size."""
# kernel: 6.12
import fcntl
import json
import os
import pathlib
import shutil
import struct
import subprocess

from inside.case import CONFIG, HeldCase, as_named, main, measured, user
from kit.case import path
from kit.users import as_user

FOLDER = pathlib.Path("/usr/lib/berth/plugins")
HOMES = pathlib.Path("/var/lib/berth-plugins")
SPACE, MIB = "scratch.example/space", 1 << 20
# FS_IOC_FSGETXATTR and FS_IOC_FSSETXATTR.
GET, SET = 0x801c581f, 0x401c5820


def written(file, size):
    """Writes until the file has a size; the bytes that it came to, and the error that ended it."""
    done = 0
    try:
        with open(file, "wb", buffering=0) as out:
            while done < size:
                done += out.write(bytes(min(MIB, size - done)))
    except OSError as error:
        return done, error.strerror
    return done, None


def used():
    """Bytes that are used on the file system, what was deleted not counted."""
    os.sync()
    found = os.statvfs(HOMES)
    return (found.f_blocks - found.f_bfree) * found.f_frsize


class Scratch(HeldCase):
    """Tests that each kind of file system passes."""
    config = {**CONFIG, "plugins": {"settings": {"scratch-space": {"size": "8MiB", "count": 8}}}}
    make = options = None

    @classmethod
    def setUpClass(cls):
        subprocess.run(["modprobe", "-a", "loop", "quota_v2", "xfs"], check=True)
        disk = f"/var/tmp/{cls.__name__}.img"
        with open(disk, "wb") as file:
            file.truncate(512 * MIB)
        subprocess.run([*cls.make, disk], check=True)
        HOMES.mkdir(mode=0o700, exist_ok=True)
        subprocess.run(["mount", "-o", f"loop,{cls.options}", disk, HOMES], check=True)
        cls.addClassCleanup(subprocess.run, ["umount", "-l", HOMES], check=True)
        FOLDER.mkdir(parents=True, exist_ok=True)
        shutil.copy("/host/plugins/scratch-space.json", FOLDER)
        shutil.copy("/host/plugins/scratch-space.so", FOLDER)
        for name in ("anna", "otto"):
            user(name)
        super().setUpClass()
        cls.addClassCleanup(cls.service.stop)

    def setUp(self):
        super().setUp()
        self.wait_for(lambda: any(each["type"] == SPACE and each["free"] == 8
                                  for each in self.client.get("/v1/resources").json["resources"]))

    def open(self):
        """What is not taken away from the plugin, of its state folder."""
        plugin = next(each for each in self.client.get("/v1/plugins").json["plugins"] if each["name"] == "scratch-space")
        return [each for each in plugin["open"] if "state folder" in each]

    def given(self, amount=1, name="anna", **more):
        """A folder of a user's, as `berth` gives it."""
        def reserve():
            with self.service.client() as client:
                answer = client.reserve({SPACE: amount}, lease="1h", **more)
                return answer.status, answer.json
        status, reservation = as_named(name, reserve)
        self.assertEqual(status, 201, reservation)
        return reservation, pathlib.Path(reservation["env"]["SCRATCH"])

    def receipt(self, reservation):
        return next(each for each in self.look(reservation)["receipts"] if each["type"] == SPACE)

    def as_anna(self, action):
        return as_user(user("anna").pw_uid, action)


class Held(Scratch):
    def test_who_writes_past_the_size_is_stopped_and_the_space_comes_back(self):
        before = used()
        held, folder = self.given()
        receipt = self.receipt(held)
        measured(f"receipt: {receipt}")
        self.assertEqual(receipt["status"], "advisory")
        self.assertEqual([each["bytes"] for each in receipt["folders"]], [8 * MIB])
        done, error = self.as_anna(lambda: written(folder / "file", 32 * MIB))
        measured(f"stopped after {done} bytes: {error}")
        self.assertLessEqual(done, 8 * MIB)
        self.assertGreater(done, 7 * MIB)
        self.assertIn(error, ("Disk quota exceeded", "No space left on device"))
        # Others have theirs.
        other, elsewhere = self.given(name="otto")
        self.assertEqual(as_user(user("otto").pw_uid, lambda: written(elsewhere / "file", 6 * MIB)), (6 * MIB, None))
        for each in (held, other):
            self.assertEqual(self.client.delete(path(each)).status, 200)
        self.assertEqual([each.name for each in (HOMES / "scratch-space").iterdir()], [])
        self.wait_for(lambda: used() <= before + MIB)

    def test_the_plugin_itself_cannot_fill_the_disk(self):
        """What it keeps for itself is held to 64 MiB, without what it gives to others."""
        self.assertEqual(self.open(), [])
        held, folder = self.given()
        home = HOMES / "scratch-space"
        done, error = as_user(home.stat().st_uid, lambda: written(home / "notes", 128 * MIB))
        print()
        measured(f"the plugin itself is stopped after {done} bytes: {error}")
        self.assertTrue(60 * MIB < done <= 64 * MIB, done)
        self.assertEqual(self.as_anna(lambda: written(folder / "file", 6 * MIB)), (6 * MIB, None))
        (home / "notes").unlink()
        self.assertEqual(self.client.delete(path(held)).status, 200)

    def test_nobody_else_reads_it(self):
        held, folder = self.given()
        self.as_anna(lambda: (folder / "file").write_text("mine"))
        state = folder.stat()
        self.assertEqual((state.st_uid, state.st_mode & 0o7777), (user("anna").pw_uid, 0o700))
        for who in (user("otto").pw_uid, folder.parent.stat().st_uid):
            def look():
                for what in (folder.iterdir, (folder / "file").read_text):
                    try:
                        list(what())
                    except PermissionError:
                        continue
                    raise AssertionError(f"{who} may {what}")
            as_user(who, look)
        with self.assertRaises(AssertionError):
            self.as_anna(lambda: os.listdir(folder.parent))
        self.assertEqual(self.client.delete(path(held)).status, 200)

    def test_a_resize_and_a_crash_keep_what_is_there_and_hold_the_size(self):
        held, folder = self.given()
        self.as_anna(lambda: written(folder / "file", 6 * MIB))
        (first,) = self.receipt(held)["folders"]
        self.resized(held, {SPACE: 2})
        self.assertEqual(self.receipt(held)["folders"], [{**first, "bytes": 16 * MIB}])
        self.assertEqual(self.as_anna(lambda: written(folder / "more", 9 * MIB)), (9 * MIB, None))
        self.service.kill()
        self.client.close()
        self.wait_for(lambda: self.service.pid and self.client.get("/v1/health").status == 200)
        self.resized(held, {SPACE: {"amount": 2, "parameters": {"size": "15MiB"}}})
        self.assertEqual(self.receipt(held)["folders"], [{**first, "bytes": 15 * MIB}])
        self.assertIsNotNone(self.as_anna(lambda: written(folder / "yet more", 4 * MIB))[1])
        self.assertEqual(self.client.delete(path(held)).status, 200)
        self.assertFalse(folder.exists())

    def test_what_its_owner_does_to_the_folder_harms_nobody_else(self):
        """Whoever owns a file can say which project it is in, and the receipt says so."""
        first, folder = self.given()
        second, other = self.given(name="otto")
        theirs = self.receipt(second)["folders"][0]["project"]
        self.assertIn("chattr -p", self.receipt(first)["reason"])

        def change(file, project):
            opened = os.open(file, os.O_RDONLY)
            attributes = list(struct.unpack("7I", fcntl.ioctl(opened, GET, bytes(28))))
            attributes[3] = project
            fcntl.ioctl(opened, SET, struct.pack("7I", *attributes))
            os.close(opened)
        self.as_anna(lambda: change(folder, theirs))
        (folder / "closed").mkdir()
        os.chown(folder / "closed", *[user("anna").pw_uid] * 2)
        self.as_anna(lambda: (folder / "closed").chmod(0))
        self.resized(first, {SPACE: 2})
        self.assertEqual(self.client.delete(path(first)).status, 200)
        self.assertFalse(folder.exists())
        self.assertIsNotNone(as_user(user("otto").pw_uid, lambda: written(other / "file", 32 * MIB))[1])
        self.assertEqual(self.client.delete(path(second)).status, 200)

    def test_where_quotas_must_be_passed_by_nobody_none_is_granted(self):
        answer = self.client.reserve({SPACE: 1}, enforce="required")
        self.assertEqual((answer.status, answer.json["code"]), (409, "unenforceable"), answer)
        self.wait_for(lambda: not list((HOMES / "scratch-space").iterdir()))


class OnExt4(Held):
    make, options = ["mkfs.ext4", "-q", "-O", "project,quota"], "prjquota"

    def test_the_plugin_itself_cannot_take_all_files(self):
        """Empty ones take no space; a file system has so many and no more."""
        home = HOMES / "scratch-space"

        def fill():
            count = 0
            try:
                for count in range(20_000):
                    os.close(os.open(f"{home}/{count}", os.O_CREAT | os.O_WRONLY))
            except OSError as failure:
                return count, failure.strerror
            return count, None
        try:
            count, error = as_user(home.stat().st_uid, fill)
            print()
            measured(f"the plugin itself is stopped after {count} files: {error}")
            self.assertTrue(16_000 < count <= 16_384, count)
        finally:
            for file in os.scandir(home):
                os.unlink(file)


class OnExt4ThatOnlyCounts(Scratch):
    make, options = ["mkfs.ext4", "-q", "-O", "project,quota"], "noquota"

    def test_the_receipt_says_that_nothing_holds_it_and_what_can_be_done(self):
        held, folder = self.given()
        receipt = self.receipt(held)
        measured(f"receipt: {receipt}")
        self.assertEqual((receipt["status"], receipt.get("values", {})), ("unsupported", {}))
        self.assertIn("prjquota", receipt["reason"])
        self.assertIn("prjquota", self.open()[0])
        self.assertEqual(self.as_anna(lambda: written(folder / "file", 12 * MIB)), (12 * MIB, None))
        self.assertEqual(self.client.delete(path(held)).status, 200)
        self.assertFalse(folder.exists())


class OnXFS(Held):
    make, options = ["mkfs.xfs", "-q"], "prjquota"


del HeldCase, Scratch, Held
# Its tools are not everywhere that there is the file system.
if not shutil.which("mkfs.xfs"):
    print("measured: xfs not, for there is no mkfs.xfs")
    del OnXFS

if __name__ == "__main__":
    main()
