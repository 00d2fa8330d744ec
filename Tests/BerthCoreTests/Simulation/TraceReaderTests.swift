import BerthModel
import Testing

@testable import BerthCore

@Suite("A trace") struct TraceReaderTests {
    static let openb = """
        name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time
        b,6000,12288,1,460,,LS,Running,30,100,40
        a,12000,16384,2,1000,,BE,Running,10,90,10
        c,500,1024,0,0,,LS,Pending,30,95,

        """
    static let slurm = """
        JobID|JobName|User|Submit|Start|End|ReqCPUS|ReqMem|ReqTRES|AllocTRES|Timelimit|State
        7|train|ann|2026-11-01T00:00:10|2026-11-01T00:01:00|2026-11-01T02:00:00|4|16G|billing=4,cpu=4,gres/gpu:a100=2,mem=16G,node=1||02:00:00|COMPLETED
        7.batch|batch||2026-11-01T00:01:00|2026-11-01T00:01:00|2026-11-01T02:00:00|4|||cpu=4||COMPLETED
        8|wait|bob|2026-11-01T00:00:00|Unknown|Unknown|2|4Gc|||1-00:00:00|PENDING
        9|gone|bob|2026-11-01T00:00:20|2026-11-01T00:00:30|2026-11-01T00:00:30|2|500Mn|||UNLIMITED|CANCELLED by 1000
        10|runs|ann|2026-11-01T00:00:20|2026-11-01T01:00:00|Unknown|1|1G||||RUNNING

        """

    @Test("of openb is its tasks by arrival, in milliseconds after the first")
    func openb() throws {
        let trace = try read(TraceReaderTests.openb)
        #expect(trace.tasks.map(\.name) == ["a", "b", "c"])
        #expect(trace.tasks.map(\.arrival) == [0, 20_000, 20_000])
        #expect(trace.tasks.map(\.duration) == [80_000, 60_000, nil])
        #expect(trace.tasks.map { trace.users[$0.user] } == ["BE", "LS", "LS"])
        #expect(
            trace.tasks[1].shape
                == TaskShape(cpu: Quantity(6000), memory: Quantity(12_288 << 20), gpus: 1, share: Quantity(460)))
        #expect(trace.tasks[0].shape.gpu == Quantity(2000) && trace.tasks[2].shape.gpu == .zero)
    }

    @Test("of Slurm is its jobs without their steps")
    func slurm() throws {
        let trace = try read(TraceReaderTests.slurm)
        #expect(trace.tasks.map(\.name) == ["wait", "train", "gone", "runs"])
        #expect(trace.tasks.map(\.arrival) == [0, 10_000, 20_000, 20_000])
        #expect(trace.start.description == "2026-11-01T00:00:00.000Z")
        // What was cancelled before it began never ran; what still runs is cut at the last moment that is told.
        #expect(trace.tasks.map(\.duration) == [nil, 7_140_000, nil, 3_600_000])
        #expect(trace.tasks.map(\.limit) == [86_400_000, 7_200_000, nil, nil])
        #expect(trace.tasks.map { trace.users[$0.user] } == ["bob", "ann", "bob", "ann"])
        let shape = TaskShape(cpu: Quantity(4000), memory: Quantity(16 << 30), gpus: 2)
        #expect(trace.tasks[1].shape == shape)
        // 4Gc is for each CPU.
        #expect(trace.tasks[0].shape == TaskShape(cpu: Quantity(2000), memory: Quantity(8 << 30)))
    }

    @Test(
        "of Slurm tells groups, queues and workflows where it has the columns",
        arguments: [
            ("Group|Account", "phys|acc", "phys"), ("Account|Group", "acc|", "acc"), ("Account|Extra", "acc|x", "acc"),
            ("Extra|More", "x|y", nil),
        ] as [(String, String, String?)])
    func accounts(columns: String, values: String, group: String?) throws {
        let trace = try read(
            """
            JobID|User|Submit|Start|End|ReqTRES|\(columns)|Partition|WCKey
            1|ann|1|2|3|cpu=1,mem=1G|\(values)|fast,slow|night
            2|ann|1|2|3|cpu=1,mem=1G||||

            """)
        #expect(trace.tasks.map(\.group) == [group, nil])
        #expect(trace.tasks.map(\.queue) == ["fast,slow", nil] && trace.tasks.map(\.workflow) == ["night", nil])
    }

    @Test("is the same in whatever pieces it comes, with whatever ends of lines")
    func pieces() throws {
        let whole = try read(TraceReaderTests.openb)
        for size in [1, 2, 7, 1000] {
            var reader = TraceReader()
            let bytes = Array(TraceReaderTests.openb.utf8)
            for start in stride(from: 0, to: bytes.count, by: size) {
                try reader.read(Array(bytes[start..<min(bytes.count, start + size)]))
            }
            #expect(try reader.finish() == whole)
        }
        #expect(try read("\u{FEFF}" + TraceReaderTests.openb.replacing("\n", with: "\r\n") + "\r\n") == whole)
        #expect(try read(String(TraceReaderTests.openb.dropLast())) == whole)
    }

    @Test("may have its columns in any order, in quotes, and others besides")
    func columns() throws {
        let text = #"""
            "creation_time",gpu_milli,num_gpu,"odd, ""quoted""",MEMORY_MIB,cpu_milli,name
            5,0,0,"x,y",1,"1000","a ""b"", c"
            """#
        let trace = try read(text)
        #expect(trace.tasks.map(\.name) == ["a \"b\", c"] && trace.users == ["all"])
        #expect(trace.tasks.map(\.shape.cpu) == [Quantity(1000)] && trace.tasks[0].duration == nil)
    }

    @Test(
        "that is wrong is refused by line and column",
        arguments: [
            ("", "it is empty; expected is a line of column names"),
            ("\n\n", "it is empty"),
            ("hello\n", "line 1: \"hello\" is not a line of column names"),
            ("a,b,c\n", "line 1: \"a,b,c\" is not a line of column names"),
            ("name,cpu_milli,name\n", "line 1, column name: stands there more than once"),
            (
                "name,cpu_milli,memory_mib,num_gpu,gpu_milli\n",
                "line 1, column creation_time: is missing; there are name"
            ),
            ("JobID|Submit|Start|End|ReqMem\n", "line 1, column ReqCPUS: is missing"),
            ("JobID|Submit|Start|End|ReqCPUS\n", "line 1, column ReqMem: is missing"),
            (row("1"), "line 2: has 1 fields, and the first line has 8"),
            (row("a,1x,1,0,0,1,1,1"), "line 2, column cpu_milli: \"1x\" is not a whole number of thousandths of a CPU"),
            (row("a,-1,1,0,0,1,1,1"), "line 2, column cpu_milli: \"-1\" is not"),
            (row("a,+1,1,0,0,1,1,1"), "line 2, column cpu_milli: \"+1\" is not"),
            (row("a,1,99999999999999999999,0,0,1,1,1"), "line 2, column memory_mib: \"99999999999999999999\" is not"),
            (row("a,1,,0,0,1,1,1"), "line 2, column memory_mib: is empty"),
            (row("a,1,1,1,0,1,1,1"), "line 2, column gpu_milli: \"0\" is not 1 to 1000"),
            (row("a,1,1,2,500,1,1,1"), "line 2, column gpu_milli: \"500\" is not 1000"),
            (row("a,1,1,0,0,1,4,5"), "line 2, column deletion_time: \"4\" is not at or after scheduled_time, 5"),
            (row("a,1,1,0,0,1,1,1") + "b,\"1,1,0,0,1,1,1", "line 3: has a double quote that nothing closes"),
            (job("||||"), "line 2, column JobID: is empty"),
            (job("1|yesterday|||"), "line 2, column Submit: \"yesterday\" is not a time"),
            (job("1|1|5|4|cpu=1"), "line 2, column End: \"4\" is not at or after Start"),
            (job("1|1|2|3|cpu=x"), "line 2, column ReqTRES: \"cpu=x\" is not a list"),
            (job("1|1|2|3|mem=1G"), "line 2, column ReqCPUS: is empty"),
        ])
    func refusal(text: String, complaint: String) {
        let error = #expect(throws: TraceError.self) { try read(text) }
        #expect(error?.description.hasPrefix(complaint) == true, "\(error?.description ?? "")")
    }

    @Test("of Slurm leaves out what never ran, whatever its amounts, and what local time makes end before it starts")
    func leftOut() throws {
        let pending = try read(
            """
            JobID|User|Submit|Start|End|AllocTRES|State
            1|a|2026-11-01T00:00:00|2026-11-01T00:00:00|2026-11-01T01:00:00|cpu=1,mem=1G|COMPLETED
            2|b|2026-11-01T00:00:00|Unknown|Unknown||PENDING
            3|b|Unknown|Unknown|Unknown||PENDING

            """)
        #expect(pending.tasks.map(\.name) == ["1"])
        #expect(
            pending.notes == [
                "1 jobs have no time of submission, and are left out",
                "1 jobs never ran and say no amounts, and are left out",
            ])
        let none = try read("JobID|Submit|Start|End|AllocCPUS|ReqMem\n1|5|Unknown|Unknown|0|4G\n2|5|6|7|2|4G\n")
        #expect(none.tasks.map(\.shape.cpu) == [.zero, Quantity(2000)] && none.tasks[0].duration == nil)
        let autumn = try read(
            "JobID|Submit|Start|End|ReqTRES\n1|2026-10-25T02:50:00|2026-10-25T02:50:00|2026-10-25T02:10:00|cpu=1\n")
        #expect(autumn.tasks.isEmpty && autumn.notes.first?.hasPrefix("1 jobs end before they start") == true)
    }

    @Test("of an older Slurm has the GPUs among the generic resources")
    func generic() throws {
        let columns = "JobID|Submit|Start|End|ReqCPUS|ReqMem|NNodes"
        let given = try read("\(columns)|AllocGRES|ReqGRES\n1|1|2|3|1|1G|2|gpu:4|gpu:2\n2|1|2|3|1|1G|2||gpu:2\n")
        #expect(given.tasks.map(\.shape.gpus) == [4, 4])
        let refused = #expect(throws: TraceError.self) { try read("\(columns)|ReqGRES\n1|1|2|3|1|1G|1|gpu:x:y\n") }
        #expect(refused?.description.hasPrefix("line 2, column ReqGRES") == true)
    }

    @Test("with a line without end is refused before it is all there")
    func longLine() throws {
        var reader = TraceReader()
        try reader.read(Array("a,cpu_milli".utf8))
        let error = #expect(throws: TraceError.self) {
            for _ in 0..<1000 { try reader.read([UInt8](repeating: 0x61, count: 1000)) }
        }
        #expect(error?.description == "line 1: is longer than 65536 bytes")
    }

    @Test("has mixes of tasks, and parts of its time")
    func selecting() throws {
        let trace = try read(TraceReaderTests.openb)
        let names = TaskMix.allCases.map { trace.selecting($0).tasks.map(\.name) }
        #expect(names == [["a", "b", "c"], ["b"], ["a"], ["c"]])
        #expect(trace.selecting(.all, from: 1).tasks.map(\.name) == ["b", "c"])
        #expect(trace.selecting(.all, until: 20_000).tasks.map(\.name) == ["a"])
    }

    private func read(_ text: String) throws(TraceError) -> Trace {
        var reader = TraceReader()
        try reader.read(Array(text.utf8))
        return try reader.finish()
    }

    private static func row(_ text: String) -> String {
        "name,cpu_milli,memory_mib,num_gpu,gpu_milli,creation_time,deletion_time,scheduled_time\n\(text)\n"
    }

    private static func job(_ text: String) -> String { "JobID|Submit|Start|End|ReqTRES\n\(text)\n" }
}
