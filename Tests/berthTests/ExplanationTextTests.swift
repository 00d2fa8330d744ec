import BerthJSON
import Testing

@testable import berth

@Suite("What would make it fit, on the command line") struct ExplanationTextTests {
    private static let asked = #"""
        {"resources": {"cpu": {"amount": "2", "exclusive": true, "where": {"numa": 1}, "prefer": {"l3": 0}},
                       "storage": [{"device": "/dev/vda1", "write": "8"}]},
         "alternatives": [{"cpu": "4", "memory": "30GiB"},
                          {"cpu": {"amount": "4", "exclusive": true}, "gpu": {"amount": "8", "minimum": "2"}}]}
        """#

    @Test(
        "ends in what to type",
        arguments: [
            (
                #"{"kind": "less", "less": [{"type": "memory", "asked": 2, "fits": 25769803776}, {"type": "cpu", "asked": 8, "fits": 1.5}], "set": [{"pointer": "/resources/memory", "value": {"amount": 1}}, {"pointer": "/resources/cpu", "value": {"amount": 1.5}}]}"#,
                "(--memory 24GiB --cpu 1.5)"
            ),
            (
                #"{"kind": "less", "less": [{"type": "cpu", "asked": 8, "fits": 4}], "set": [{"pointer": "/resources/cpu", "value": {"amount": 4, "exclusive": true}}]}"#,
                "(--exclusive-cpu 4)"
            ),
            (
                #"{"kind": "less", "less": [{"type": "storage", "device": "vda", "rate": "read_iops", "asked": 8, "fits": 4}, {"type": "a.b/c", "asked": 8, "fits": 4}], "set": [{"pointer": "/resources/storage", "value": []}]}"#,
                "(--io-read-iops vda=4 --resource a.b/c=4)"
            ),
            (
                #"{"kind": "where", "type": "gpu", "fact": "vram", "set": [{"pointer": "/resources/gpu", "value": {"amount": 1, "where": {"vram": ">=24GiB"}}}]}"#,
                "(--where 'gpu.vram>=24GiB')"
            ),
            (
                #"{"kind": "where", "type": "gpu", "fact": "vram", "set": [{"pointer": "/resources/gpu", "value": {"amount": 1}}]}"#,
                "(without --where gpu.vram)"
            ),
            (
                #"{"kind": "node", "node": 1, "set": [{"pointer": "/resources/a.b~1c", "value": {"amount": 1}}]}"#,
                "(--where a.b/c.numa=1)"
            ),
            (
                #"{"kind": "less", "less": [{"type": "storage", "device": "vda", "rate": "write", "asked": 8, "fits": 1048576}], "set": [{"pointer": "/resources/storage", "value": [{"device": "vda1", "write": 1048576}]}]}"#,
                "(--io-write /dev/vda1=1MiB/s)"
            ),
            (
                #"{"kind": "shared", "set": [{"pointer": "/resources/cpu", "value": {"amount": 2, "minimum": 0.5}}]}"#,
                "(--cpu 0.5..2 without --where cpu.numa without --prefer cpu.l3)"
            ),
            (
                #"{"kind": "less", "less": [], "set": [{"pointer": "/alternatives/0/cpu", "value": {"amount": 1.5}}]}"#,
                "(--or cpu=1.5,memory=30GiB)"
            ),
            (
                #"{"kind": "where", "set": [{"pointer": "/alternatives/1/gpu", "value": {"amount": 8, "minimum": 2, "where": {"vram": ">=24GiB", "numa": 1}}}]}"#,
                "(--or 'exclusive-cpu=4,gpu=2..8,gpu.vram>=24GiB,gpu.numa=1')"
            ),
            (#"{"kind": "less", "less": [], "set": [{"pointer": "/alternatives/2/cpu", "value": 1}]}"#, nil),
            (#"{"kind": "less", "less": [], "set": [{"pointer": "/alternatives/0/cpu", "value": {"limit": 1}}]}"#, nil),
            (#"{"kind": "later", "set": [{"pointer": "/wait", "value": "41m"}]}"#, "(--wait 41m)"),
            (#"{"kind": "later", "set": [{"pointer": "/start", "value": "T"}]}"#, "(--start T)"),
            (#"{"kind": "same", "set": [{"pointer": "/same", "value": null}]}"#, "(without --same)"),
            (#"{"kind": "unheard of", "set": [{"pointer": "/x", "value": 1}]}"#, nil), ("{}", nil),
            (#"{"kind": "less", "less": [{}], "set": [{}]}"#, nil), ("[]", nil),
        ] as [(String, String?)])
    func options(document: String, text: String?) throws {
        #expect(ChangeOption.text(try JSONValue(parsing: document), of: try JSONValue(parsing: Self.asked)) == text)
    }

    @Test("of a start says that it would be promised")
    func promised() {
        let text = ExplanationText.granted([
            "granted": true, "start": "2026-12-01T02:00:00.000Z", "resources": ["cpu": ["amount": 2]],
        ])
        #expect(text == "it would be promised for 2026-12-01 02:00:00Z:\n  cpu 2\n")
    }

    @Test("stands below why not, with what plugins have against it")
    func refused() throws {
        let answer = try JSONValue(
            parsing: #"""
                {"granted": false, "problem": {"code": "insufficient", "detail": "memory: 3 asked", "ever": true},
                 "violations": [{"message": "memory: 3 asked", "source": "berth"}, {"message": "no cost centre", "source": "cost", "hint": "say one"}],
                 "changes": [{"kind": "later", "message": "It would fit later.", "set": [{"pointer": "/wait", "value": "2m"}]}],
                 "complete": false}
                """#)
        #expect(
            ExplanationText.refused(answer, to: [:]).description == """
                it would not be granted: memory: 3 asked
                       also cost: no cost centre (say one)
                       It would fit later. (--wait 2m)
                       There may be more: not everything was tried.
                """)
    }
}
