import BerthHost
import BerthJSON
import BerthModel
import Testing

@Suite("Pressure of the host")
struct PressureStallTests {
    @Test("is read to the hundredth, and printed as the kernel's number")
    func reading() throws {
        let tree = try PlantedTree([
            "proc/pressure/cpu": "some avg10=0.10 avg60=2.00 avg300=100.00 total=15\n",
            "proc/pressure/io": """
            some avg10=0.10 avg60=2.00 avg300=3.85 total=9223372036854775807
            full avg10=0.20 avg60=3.00 avg300=4.95 total=25\n
            """,
        ])
        let reader = try tree.reader()
        let pressure = Host.Pressure.discover(reader)
        #expect(
            pressure.cpu?.some
                == Host.Pressure.Share(
                    hundredths10: 10, hundredths60: 200, hundredths300: 10_000, totalMicroseconds: 15))
        #expect(pressure.cpu?.full == nil)
        #expect(pressure.io?.full?.hundredths300 == 495)
        #expect(pressure.memory == nil)
        #expect(reader.problems.isEmpty)
        let json = pressure.json.description
        #expect(json.contains(#""full":{"avg10":0.2,"avg60":3,"avg300":4.95,"total_usec":25}"#))
    }

    @Test(
        "that makes no sense is unknown, and noted",
        arguments: [
            "some", "some avg10=0.1 avg60=2.00 avg300=3.85 total=15", "some avg10=-0.10 avg60=2.00 avg300=3.85 total=1",
            "some avg10=0.10 avg60=2.00 avg300=3.85 total=-1", "some avg10=0.10 avg60=2.00 avg300=3.85",
            "some avg10=9999999.10 avg60=2.00 avg300=3.85 total=1", "\u{0}\u{FFFD} =\u{301}= =",
            "some avg10=0.10 avg60=2.00 avg300=3.85 total=99999999999999999999",
        ])
    func rubbish(text: String) throws {
        let reader = try PlantedTree(["proc/pressure/memory": text]).reader()
        #expect(Host.Pressure.discover(reader) == Host.Pressure())
        #expect(reader.problems.count == 1)
    }

    @Test("of a kernel without it, or of an empty recording, is unknown without a note")
    func absent() throws {
        let reader = try PlantedTree(["proc/pressure/cpu": ""]).reader()
        #expect(Host.Pressure.discover(reader) == Host.Pressure())
        #expect(reader.problems.isEmpty)
    }
}
