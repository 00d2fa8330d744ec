import BerthJSON
import BerthPluginKit
import Testing

@Suite("A manifest") struct ManifestTests {
    private static func read(_ text: String) throws -> Manifest {
        try Manifest.reader.read(try JSONValue(parsing: text))
    }

    @Test("says what a plugin provides and needs")
    func whole() throws {
        let manifest = try Self.read(
            """
            {"schema": "berth.plugin/1", "name": "acme-seat", "version": "1.2", "kind": "provider",
             "types": [{"name": "acme.example/seat", "environment": ["ACME_SEAT"]}],
             "needs": {"state": true, "network": true, "exec": ["/usr/bin/lmstat"]},
             "configuration": {"type": "object", "properties": {"seats": {"type": "integer"}}}}
            """)
        #expect(manifest.types == [.init("acme.example/seat", environment: ["ACME_SEAT"])])
        #expect(manifest.needs.state && manifest.needs.network && manifest.needs.exec == ["/usr/bin/lmstat"])
        #expect(manifest.configuration.violations(of: ["seats": 1]).isEmpty)
    }

    @Test(
        "that makes no sense is refused",
        arguments: [
            "{}", #"{"schema":"berth.plugin/2","name":"a","version":"1","kind":"validator"}"#,
            #"{"schema":"berth.plugin/1","name":"A b","version":"1","kind":"validator"}"#,
            #"{"schema":"berth.plugin/1","name":"../a","version":"1","kind":"validator"}"#,
            #"{"schema":"berth.plugin/1","name":"a","version":"1","kind":"provider"}"#,
            #"{"schema":"berth.plugin/1","name":"a","version":"1","kind":"validator","types":[{"name":"a.b/c"}]}"#,
            #"{"schema":"berth.plugin/1","name":"a","version":"1","kind":"provider","types":[{"name":"cpu"}]}"#,
            #"{"schema":"berth.plugin/1","name":"a","version":"1","kind":"provider","types":[{"name":"a/b"}]}"#,
            #"{"schema":"berth.plugin/1","name":"a","version":"1","kind":"validator","needs":{"exec":["lmstat"]}}"#,
            #"{"schema":"berth.plugin/1","name":"a","version":"1","kind":"validator","need":{}}"#,
            #"{"schema":"berth.plugin/1","name":"a","version":"1","kind":"validator","configuration":{"pattern":"x"}}"#,
        ])
    func refused(text: String) { #expect(throws: JSONFieldError.self) { try Self.read(text) } }

    @Test(
        "names no variable that changes how programs run",
        arguments: [
            "LD_PRELOAD", "PATH", "HOME", "IFS", "ENV", "BASH_ENV", "GLIBC_TUNABLES", "PYTHONPATH", "PERL5LIB",
            "NODE_OPTIONS", "GIT_DIR", "GCONV_PATH", "JAVA_TOOL_OPTIONS", "RUBYOPT", "PS4",
            "BERTH_CPUS", "", "lower", "A-B", "1A", "_A", "A=B",
        ])
    func variables(name: String) {
        #expect(!EnvironmentName.isAllowed(name))
        #expect(EnvironmentName.isAllowed("ACME_SEAT2"))
    }
}
