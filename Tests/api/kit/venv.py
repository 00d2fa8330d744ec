"""Tools from PyPI, in a cache of their own: nothing that the tests themselves import."""
import hashlib
import os
import pathlib
import subprocess
import venv

PACKAGES = ["openapi-spec-validator==0.9.0", "schemathesis==4.32.5"]


def folder():
    """The folder with the tools' programs; made, which takes half a minute, when it is not there."""
    cache = os.environ.get("BERTH_API_CACHE") or pathlib.Path.home() / ".cache" / "berth-api"
    name = hashlib.sha256("\n".join(PACKAGES).encode()).hexdigest()[:12]
    place = pathlib.Path(cache) / f"tools-{name}"
    if not (place / "complete").exists():
        print(f"installing {', '.join(PACKAGES)} into {place}", flush=True)
        venv.create(place, clear=True, with_pip=True)
        subprocess.run([place / "bin" / "pip", "install", "--quiet", *PACKAGES], check=True)
        (place / "complete").touch()
    return place / "bin"
