import ArgumentParser
import BerthJSON
import Testing

@testable import berth

@Suite("The options for resources")
struct ResourceOptionsTests {
    @Test(
        "become the resources of a request",
        arguments: [
            ("--cpu 2", #"{"cpu":"2"}"#),
            ("--exclusive-cpu 2 --where cpu.numa=1", #"{"cpu":{"amount":"2","exclusive":true,"where":{"numa":1}}}"#),
            ("--cpu 1 --limit-cpu 4 --memory 4GiB", #"{"cpu":{"amount":"1","limit":"4"},"memory":"4GiB"}"#),
            ("--limit-memory 8G", #"{"memory":{"limit":"8G"}}"#),
            (
                "--memory 1G --memory-guarantee hard --swap 1G --oom process",
                #"{"memory":{"amount":"1G","guarantee":"hard","swap":"1G","oom":"process"}}"#
            ),
            (
                "--gpu 1 --where gpu.model=H200 --where gpu.ecc=true",
                #"{"gpu":{"amount":"1","where":{"model":"H200","ecc":true}}}"#
            ),
            (
                "--gpu 1 --where gpu.vram>=40GiB --where gpu.vram<80GiB --network 1G --where network.speed!=1Gbit",
                #"""
                {"gpu":{"amount":"1","where":{"vram":[">=40GiB","<80GiB"]}},
                "network":{"amount":"1G","where":{"speed":"!=1Gbit"}}}
                """#
            ),
            (
                "--exclusive-cpu 2..8 --memory 4GiB..16GiB --prefer gpu.model=~*A100* --gpu 1",
                #"""
                {"cpu":{"amount":"8","minimum":"2","exclusive":true},
                "gpu":{"amount":"1","prefer":{"model":"~*A100*"}},"memory":{"amount":"16GiB","minimum":"4GiB"}}
                """#
            ),
            (
                "--resource a.b/seat=1..4 --pids 1..2 --network 1M..1Gbit",
                #"""
                {"a.b/seat":{"amount":"4","minimum":"1"},"network":{"amount":"1Gbit","minimum":"1M"},
                "pids":{"amount":"2","minimum":"1"}}
                """#
            ),
            ("--pids 7 --network 1Gbit", #"{"network":"1Gbit","pids":"7"}"#),
            (
                "--io-weight /dev/vda=500 --io-read /dev/vda=1M --io-weight vdb=1",
                #"{"storage":[{"device":"/dev/vda","read":"1M","weight":"500"},{"device":"vdb","weight":"1"}]}"#
            ),
            (
                "--io-write any=50MiB --io-read any=1M --where rotational=false --where storage.size>=1TiB",
                #"{"storage":[{"where":{"rotational":false,"size":">=1TiB"},"read":"1M","write":"50MiB"}]}"#
            ),
            ("--io-weight any=500", #"{"storage":[{"where":{},"weight":"500"}]}"#),
            (
                "--gpu 1 --where vram>=40GiB --io-write vda=1M",
                #"{"gpu":{"amount":"1","where":{"vram":">=40GiB"}},"storage":[{"device":"vda","write":"1M"}]}"#
            ),
            (
                "--io-write /dev/vda=50MiB --io-read vdb=1M --io-write-iops /dev/vda=1k",
                #"{"storage":[{"device":"vdb","read":"1M"},{"device":"/dev/vda","write":"50MiB","write_iops":"1k"}]}"#
            ),
        ])
    func json(line: String, expected: String) throws {
        let options = try ResourceOptions.parse(line.split(separator: " ").map(String.init))
        #expect(try options.json() == JSONValue(parsing: expected))
    }

    @Test(
        "are refused where they make no sense",
        arguments: [
            "", "--cpu 1 --exclusive-cpu 1", "--io-write vda", "--io-write =5", "--io-write vda=", "--where gpu=1",
            "--where .a=1", "--where gpu.=1", "--where gpu.a", "--io-read vda=1 --io-read vda=2", "--io-weight 500",
            "--cpu 2..", "--cpu ..2", "--prefer gpu", "--io-write vda=1M --where storage.rotational=false",
            "--gpu 1 --io-write any=1M --where rotational=false",
            "--io-write any=1M --prefer rotational=false",
        ])
    func refusal(line: String) throws {
        let options = try ResourceOptions.parse(line.split(separator: " ").map(String.init))
        let failure = #expect(throws: CommandFailure.self) { try options.json() }
        #expect(failure?.status == 2)
    }
}
