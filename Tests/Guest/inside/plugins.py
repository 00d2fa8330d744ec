"""A test case with plugins in the folder of the guest's service."""
import json
import pathlib
import shutil

from inside.crash import CrashCase

FOLDER = pathlib.Path("/usr/lib/berth/plugins")
SEAT = "example.com/seat"


class PluginsCase(CrashCase):
    """Each test begins and ends with an empty folder."""

    @classmethod
    def setUpClass(cls):
        FOLDER.mkdir(parents=True, exist_ok=True)
        super().setUpClass()

    def setUp(self):
        super().setUp()
        self.addCleanup(self.empty)
        self.empty()

    def empty(self):
        # A test may have ended the agent that this connection led to.
        self.client.close()
        for file in FOLDER.iterdir():
            file.unlink()
        self.wait_for(lambda: not self.plugins())

    def drop(self, name, type=SEAT, library=None, **more):
        """Puts a plugin of /host/plugins into the folder, as an administrator does; one of our own with its own manifest."""
        manifest = pathlib.Path(f"/host/plugins/{name}.json")
        (FOLDER / f"{name}.json").write_text(manifest.read_text() if manifest.exists() else json.dumps({
            "schema": "berth.plugin/1", "name": name, "version": "1", "kind": "provider",
            "types": [{"name": type, "environment": ["SEAT"]}], "needs": {"state": True}, **more}))
        shutil.copy(f"/host/plugins/{library or name}.so", FOLDER / f"{name}.part")
        (FOLDER / f"{name}.part").chmod(0o755)
        (FOLDER / f"{name}.part").rename(FOLDER / f"{name}.so")

    def plugins(self):
        return self.client.get("/v1/plugins").json["plugins"]

    def plugin(self, name):
        return next((each for each in self.plugins() if each["name"] == name), {})

    def running(self, name):
        self.wait_for(lambda: self.plugin(name).get("state") == "running")
        return self.plugin(name)
