"""The host's document says of each of its keys what it means."""
import json
import os
import pathlib
import subprocess
import unittest

from kit import corpus, venv
from kit.case import AgentCase

#: Prints a line for each thing in which a document is not as the schema says.
VALIDATE = """
import json, sys
import jsonschema
given = json.load(sys.stdin)
jsonschema.Draft202012Validator.check_schema(given["schema"])
validator = jsonschema.Draft202012Validator(given["schema"])
for name, document in given["documents"].items():
    for error in validator.iter_errors(document):
        print(f"{name}: {error.json_path}: {error.message}")
"""


class HostSchema(AgentCase):
    def setUp(self):
        super().setUp()
        description = json.loads(self.client.get("/openapi.json").bytes)
        self.schemas = description["components"]["schemas"]
        self.host = json.loads(self.client.get("/v1/host").bytes)

    def test_the_agents_own_host_is_as_described(self):
        self.assert_described({"agent": self.host})

    def test_recorded_hosts_are_as_described(self):
        folder = os.environ.get("BERTH_HOST_CORPUS")
        if not folder:
            raise unittest.SkipTest("BERTH_HOST_CORPUS names no folder with recorded hosts")
        names = sorted(path.name.removesuffix(".tar.gz") for path in pathlib.Path(folder).glob("*.tar.gz"))
        self.assertTrue(names)
        self.assert_described({name: discovered(corpus.tree(self, name)) for name in names})

    def test_what_is_wrong_is_refused(self):
        def without(part, key):
            return {**self.host, part: {name: value for name, value in self.host[part].items() if name != key}}
        wrong = {
            "version": {**self.host, "schema": "berth.host/0"},
            "lacking": {name: value for name, value in self.host.items() if name != "memory"},
            "lacking below": without("kernel", "features"),
            "null": {**self.host, "cpu": {**self.host["cpu"], "model": None}},
            "kind": {**self.host, "gpus": [{"kind": "toaster"}]},
            "list": {**self.host, "limits": {"cpus": "0-3,"}},
            "element": {**self.host, "disks": [{"name": "sda", "size_bytes": "1 TB"}]},
        }
        refused = {line.split(":")[0] for line in self.errors(wrong)}
        self.assertEqual(refused, wrong.keys())

    def test_more_keys_are_welcome_but_not_undescribed(self):
        cpu = {**self.host["cpu"], "new": 1}
        more = {
            **self.host, "cpu": cpu, "newer": {}, "disks": [{"name": "sda", "newest": 2}],
            "memory": {"hugepages": {"64": 0}, "hugepages_free": {"64": 0}},
            "kernel": {"features": {"warp": {"present": True, "shown_by": "a file"}}},
        }
        self.assertEqual(self.errors({"more": more}), [])
        self.assertEqual(
            sorted(self.undescribed(more)), ["cpu.new", "disks[].newest", "kernel.features.warp", "newer"])

    def test_every_key_of_the_schema_is_described(self):
        parts = {name: schema for name, schema in self.schemas.items() if name.startswith("Host")}
        self.assertGreater(len(parts), 10)
        for name, part in parts.items():
            self.assertTrue(part.get("description"), name)
            for key, schema in part["properties"].items():
                self.assertTrue(self.description(schema), f"{name}.{key}")
            self.assertLessEqual(set(part.get("required", [])), part["properties"].keys(), name)
            self.assertIsNot(part.get("additionalProperties"), False, name)

    def assert_described(self, documents):
        """Fails where a document is not as the schema says, or has a key that the schema says nothing of."""
        self.assertEqual(self.errors(documents), [])
        undescribed = {name: found for name in documents if (found := self.undescribed(documents[name]))}
        self.assertEqual(undescribed, {})

    def errors(self, documents):
        """In what the documents are not as the schema says, a line each that begins with the document's name."""
        schema = {"$ref": "#/components/schemas/Host", "components": {"schemas": self.schemas}}
        validated = subprocess.run(
            [venv.folder() / "python", "-c", VALIDATE], input=json.dumps({"schema": schema, "documents": documents}),
            capture_output=True, text=True, timeout=120)
        self.assertEqual(validated.returncode, 0, validated.stderr)
        return validated.stdout.splitlines()

    def undescribed(self, document):
        """The keys of a document, wherever they are, that the schema has no description of."""
        found = set()
        self.walk(document, {"$ref": "#/components/schemas/Host"}, "", found)
        return found

    def walk(self, value, schema, place, found):
        """Goes down a value and its schema together."""
        parts = list(self.parts(schema))
        if isinstance(value, list):
            items = next((part["items"] for part in parts if "items" in part), {})
            for element in value:
                self.walk(element, items, f"{place}[]", found)
        elif isinstance(value, dict):
            properties = {}
            for part in parts:
                properties.update(part.get("properties", {}))
            # What is keyed by names of any kind, such as the sizes of huge pages, has one schema for all.
            others = next((part["additionalProperties"] for part in parts if "additionalProperties" in part), None)
            for key, below in value.items():
                path = f"{place}.{key}".lstrip(".")
                if key in properties and self.description(properties[key]):
                    self.walk(below, properties[key], path, found)
                elif key not in properties and isinstance(others, dict):
                    self.walk(below, others, path, found)
                else:
                    found.add(path)

    def parts(self, schema):
        """A schema, and those that it refers to."""
        yield schema
        if "$ref" in schema:
            yield from self.parts(self.schemas[schema["$ref"].rsplit("/", 1)[1]])
        for part in schema.get("allOf", []):
            yield from self.parts(part)

    def description(self, schema):
        """What a schema, or one that it refers to, says in words; none where nothing does."""
        return next((part["description"] for part in self.parts(schema) if part.get("description")), None)


def discovered(tree):
    """What `berth host` finds of a recorded host."""
    found = subprocess.run(
        [os.path.join(os.environ["BERTH_BIN"], "berth"), "host", "--root", tree, "--json"], stdin=subprocess.DEVNULL,
        capture_output=True, timeout=60, check=True)
    return json.loads(found.stdout)
