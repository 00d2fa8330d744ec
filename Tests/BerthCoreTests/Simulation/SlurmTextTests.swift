import Testing

@testable import BerthCore

@Suite("What Slurm writes") struct SlurmTextTests {
    @Test(
        "of moments is a time or none",
        arguments: [
            ("1970-01-01T00:00:00", 0), ("2000-03-01T00:00:00", 951_868_800), ("2026-11-28T10:15:30", 1_795_860_930),
            ("1795860930", 1_795_860_930), ("Unknown", nil), ("None", nil),
        ] as [(Substring, Int64?)])
    func moments(text: Substring, seconds: Int64?) {
        #expect(SlurmText.moment(text) == .some(seconds))
    }

    @Test(
        "of no time at all is refused",
        arguments: [
            "", "now", "2026-11-28", "2026-11-28 10:15:30", "2026-13-01T00:00:00", "2026-1-1T0:0", "-5",
            "2026-11-28T24:00:00", "2026-11-28T10:15:30Z", "99999999999999", "2023-02-29T00:00:00",
            "2026-04-31T00:00:00",
            "2026-12-32T00:00:00", "2026-01-00T00:00:00",
        ] as [Substring])
    func noMoments(text: Substring) { #expect(SlurmText.moment(text) == nil) }

    @Test(
        "of limits is days, hours, minutes and seconds",
        arguments: [
            ("00:30:00", 1800), ("30:00", 1800), ("1-02:30:00", 95_400), ("400-00:00:00", 34_560_000),
            ("UNLIMITED", nil), ("Partition_Limit", nil),
        ] as [(Substring, Int64?)])
    func limits(text: Substring, seconds: Int64?) { #expect(SlurmText.limit(text) == .some(seconds)) }

    @Test("of limits is minutes where they are raw", arguments: [("90", 5400), ("0", 0)] as [(Substring, Int64)])
    func rawLimits(text: Substring, seconds: Int64) { #expect(SlurmText.minutes(text) == .some(seconds)) }

    @Test("of no limit at all is refused", arguments: ["", "1", "1-", "-1:00", "a:00", "1:2:3:4"] as [Substring])
    func noLimits(text: Substring) { #expect(SlurmText.limit(text) == nil) }

    @Test(
        "of memory is bytes, of the job or of each CPU or node",
        arguments: [
            ("4G", 4 << 30, false, false), ("4000M", 4000 << 20, false, false), ("4Gc", 4 << 30, true, false),
            ("1.5Gn", 3 << 29, false, true), ("512", 512 << 20, false, false), ("0", 0, false, false),
            ("128K", 128 << 10, false, false), ("2T", 2 << 40, false, false), ("0.5P", 1 << 49, false, false),
        ] as [(Substring, Int64, Bool, Bool)])
    func memory(text: Substring, bytes: Int64, isPerCPU: Bool, isPerNode: Bool) {
        #expect(SlurmText.memory(text) == SlurmText.Memory(bytes: bytes, isPerCPU: isPerCPU, isPerNode: isPerNode))
    }

    @Test(
        "of no memory at all is refused",
        arguments: ["", "G", "-1G", "1X", "1.G", "1.2.3G", "99999999P", "1 G", "1Gcc"] as [Substring])
    func noMemory(text: Substring) { #expect(SlurmText.memory(text) == nil) }

    @Test(
        "of generic resources is their GPUs",
        arguments: [
            ("gpu:2", 2), ("gpu:a100:2", 2), ("gres:gpu:a100:3", 3), ("gpu", 1), ("gpu:a100", 1), ("mic:1", 0),
            ("gpu:a100:1(IDX:0),gpu:v100:2", 3), ("gpu:x:y", nil), ("gpu:99999999", nil), ("2024-02-29", 0),
        ] as [(Substring, Int64?)])
    func gpus(text: Substring, number: Int64?) { #expect(SlurmText.gpus(text) == number) }

    @Test("of memory for each CPU never overflows")
    func muchMemory() {
        let most = SlurmText.Memory(bytes: 1 << 52, isPerCPU: true)
        #expect(most.bytes(cpus: 1 << 24, nodes: 1) == 1 << 53 - 1)
        #expect(most.bytes(cpus: 0, nodes: 1) == 1 << 52)
    }

    @Test("of resources is CPUs, memory, GPUs and nodes")
    func resources() {
        let list: Substring = "billing=9,cpu=4,energy=77,gres/gpu=2,gres/gpu:a100=2,mem=16G,node=1,license/x=1"
        #expect(
            SlurmText.resources(list) == SlurmText.Resources(cpus: 4, memory: 16 << 30, gpus: 2, nodes: 1))
        #expect(SlurmText.resources("gres/gpu:a=1,gres/gpu:b=2")?.gpus == 3)
        #expect(SlurmText.resources("cpu") == nil && SlurmText.resources("mem=x") == nil)
        #expect(SlurmText.resources("node=-1") == nil)
    }
}
