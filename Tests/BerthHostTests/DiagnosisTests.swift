import BerthHost
import BerthJSON
import BerthModel
import Foundation
import Testing

@Suite("The doctor")
struct DiagnosisTests {
    @Test("finds no problem on a host that has all, and says so of each thing")
    func sound() throws {
        let diagnosis = try DoctorHost.diagnose(DoctorHost.sound(but: [:]))
        #expect(diagnosis.isHealthy, "\(diagnosis.problems)")
        for code in [
            Finding.Code.cgroupVersion, .cgroupWritable, .controllerCPU, .controllerCPUSet, .controllerMemory,
            .controllerIO, .controllerPids, .user, .systemd, .pidfd, .peerPidfd, .cgroupKill, .cgroupFreeze,
            .exclusiveCPUs, .pressure, .recursiveProtection, .memoryPeak, .memoryReclaim, .swapLimit, .lruGen,
            .oomExemption,
            .cgroupWriteback,
        ] {
            #expect(diagnosis[code]?.level == .ok, "\(code)")
        }
        #expect(diagnosis.findings.allSatisfy { $0.code.area != .agent })
    }

    @Test(
        "finds what is planted, names the file, says what follows and how to mend it",
        arguments: [
            (.cgroupVersion, .problem, ["proc/self/mountinfo": "1 0 0:1 / /c rw - cgroup x rw,memory\n"]),
            (
                .cgroupVersion, .problem,
                ["proc/self/mountinfo": DoctorHost.mount + "3 0 0:1 / /c rw - cgroup x rw,memory\n"]
            ),
            (
                .cgroupWritable, .problem,
                ["proc/self/mountinfo": "1 0 0:41 / /sys/fs/cgroup ro - cgroup2 cgroup2 rw\n"]
            ),
            (.controllerCPU, .problem, ["sys/fs/cgroup/cgroup.controllers": "cpuset io memory pids"]),
            (.controllerCPUSet, .problem, ["sys/fs/cgroup/cgroup.controllers": "cpu io memory pids"]),
            (.controllerMemory, .problem, ["sys/fs/cgroup/cgroup.controllers": "cpu cpuset io pids"]),
            (.controllerIO, .problem, ["sys/fs/cgroup/cgroup.controllers": "cpu cpuset memory pids"]),
            (.controllerPids, .problem, ["sys/fs/cgroup/cgroup.controllers": "cpu cpuset memory io"]),
            (
                .favorDynamicModification, .note,
                ["proc/self/mountinfo": "1 0 0:41 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,favordynmods\n"]
            ),
            (.systemd, .note, ["run/systemd/system/x": nil]),
            (.container, .note, [".dockerenv": ""]), (.pidfd, .problem, ["proc/sys/kernel/osrelease": "4.19.0\n"]),
            (.peerPidfd, .note, ["proc/sys/kernel/osrelease": "6.1.0-13-amd64\n"]),
            (.cgroupKill, .note, ["sys/fs/cgroup/system.slice/cgroup.kill": nil]),
            (.cgroupFreeze, .problem, ["sys/fs/cgroup/system.slice/cgroup.freeze": nil]),
            (.exclusiveCPUs, .note, ["sys/fs/cgroup/system.slice/cpuset.cpus.exclusive": nil]),
            (.pressure, .note, ["proc/pressure/cpu": nil]),
            (
                .recursiveProtection, .note,
                ["proc/self/mountinfo": "1 0 0:41 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"]
            ),
            (.memoryReclaim, .note, ["sys/fs/cgroup/system.slice/memory.reclaim": nil]),
            (.memoryPeak, .note, ["sys/fs/cgroup/system.slice/memory.peak": nil]),
            (.swapLimit, .problem, ["sys/fs/cgroup/system.slice/memory.swap.max": nil]),
            (.lruGen, .note, ["sys/kernel/mm/lru_gen/enabled": "0x0007\n"]),
            (.oomExemption, .note, ["proc/self/oom_score_adj": "-1000\n"]),
            (.ioWeight, .note, ["sys/fs/cgroup/io.cost.qos": nil]),
            (
                .cgroupWriteback, .note,
                ["proc/self/mountinfo": DoctorHost.mount + "2 0 0:50 / / rw - zfs pool/root rw\n"]
            ),
        ] as [(Finding.Code, Finding.Level, [String: String?])])
    func planted(code: Finding.Code, level: Finding.Level, files: [String: String?]) throws {
        let finding = try #require(try DoctorHost.diagnose(DoctorHost.sound(but: files))[code])
        #expect(finding.level == level, "\(finding)")
        #expect(finding.consequence?.isEmpty == false && !finding.mend.isEmpty, "\(finding)")
        if code != .container { #expect(finding.shownBy?.isEmpty == false) }
    }

    @Test("says nothing of what cannot be told")
    func unknown() throws {
        let diagnosis = try DoctorHost.diagnose([:])
        #expect(diagnosis.findings.map(\.code) == [.cgroupVersion])
        #expect(diagnosis[.cgroupVersion]?.level == .note)
    }

    @Test("names each thing once, in the order of the areas, in a document that the schema's file describes")
    func document() throws {
        let diagnosis = try DoctorHost.diagnose(
            DoctorHost.sound(but: ["sys/fs/cgroup/cgroup.controllers": "cpu", "proc/self/oom_score_adj": "x"]),
            agent: AgentFacts(socket: "/s", contact: .connected(user: 0), health: .silent("no")))
        let codes = diagnosis.findings.map(\.code)
        #expect(Set(codes).count == codes.count)
        let areas = codes.map { Finding.Area.allCases.firstIndex(of: $0.area) ?? -1 }
        #expect(areas == areas.sorted())
        let document = try JSONValue(parsing: diagnosis.json.description)
        #expect(document.at("schema")?.text == "berth.doctor/1" && document.at("healthy") == false)
        #expect(document.at("counts", "problem")?.integer == diagnosis.count(.problem))
        let schema = try DiagnosisTests.schema()
        let known = schema.at("$defs", "finding", "properties")
        #expect(known?.at("code", "enum")?.elements.compactMap(\.text) == Finding.Code.allCases.map(\.rawValue))
        #expect(known?.at("area", "enum")?.elements.compactMap(\.text) == Finding.Area.allCases.map(\.rawValue))
        #expect(known?.at("level", "enum")?.elements.compactMap(\.text) == Finding.Level.allCases.map(\.rawValue))
        for finding in document.at("findings")?.elements ?? [] {
            guard case .object(let members) = finding else {
                Issue.record("\(finding)")
                continue
            }
            for (key, _) in members { #expect(known?.at(key) != nil, "\(key)") }
        }
    }

    @Test("is healthy with notes alone, and not with one problem")
    func health() throws {
        #expect(try DoctorHost.diagnose(DoctorHost.sound(but: ["proc/self/oom_score_adj": "-1000"])).isHealthy)
        let sick = try DoctorHost.diagnose(
            DoctorHost.sound(but: ["sys/fs/cgroup/system.slice/memory.swap.max": nil]))
        #expect(!sick.isHealthy && sick.problems == [.swapLimit])
    }

    static func schema() throws -> JSONValue {
        let top = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try JSONValue(parsing: [UInt8](Data(contentsOf: top.appending(path: "etc/doctor.schema.json"))))
    }
}

/// Every recorded tree of BERTH_HOST_CORPUS.
@Suite("The doctor of recorded hosts", .enabled(if: HostCorpus.folder != nil, "BERTH_HOST_CORPUS names no folder"))
struct DiagnosisCorpusTests {
    /// The trees whose mounts show which cgroups there are, and which.
    private static let versions: [String: Finding.Level] = [
        "disks-nics-16cpu": .problem, "cgroup2-32cpu": .problem, "cpuset-v1-16cpu": .problem,
        "arm-128cpu-4numa": .problem, "xeon-24cpu-2numa": .problem, "arm64-1cpu-vm": .ok, "s390-20cpu": .problem,
        "sparse-nodes-48cpu": .note,
    ]

    @Test("says something of each, and nothing of an agent", arguments: try HostCorpus.names())
    func recorded(name: String) throws {
        let recorded = try RecordedHost(archive: HostCorpus.archive(name))
        defer { withExtendedLifetime(recorded) {} }
        let root = try recorded.root()
        let host = BerthModel.Host.discover(root)
        let diagnosis = Diagnosis(host, DoctorFacts.discover(root, host), agent: nil)
        #expect(diagnosis.findings.allSatisfy { $0.code.area != .agent })
        let version = try #require(diagnosis[.cgroupVersion])
        if let level = DiagnosisCorpusTests.versions[name] { #expect(version.level == level, "\(version)") }
        for finding in diagnosis.findings where finding.level == .problem {
            #expect(finding.consequence != nil && !finding.mend.isEmpty, "\(finding)")
        }
    }
}
