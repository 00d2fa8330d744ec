public import BerthJSON

extension Host {
    /// Pressure stall information of the whole host: `/proc/pressure`, Documentation/accounting/psi.rst.
    ///
    /// All nil on kernels without it (before 4.20, or with `psi=0`).
    public struct Pressure: Hashable, Sendable {
        /// Waiting for a CPU.
        public var cpu: Stall?
        /// Waiting for memory: reclaim, swap, refaults.
        public var memory: Stall?
        /// Waiting for a disk.
        public var io: Stall?

        /// - Parameters:
        ///   - cpu: waiting for a CPU
        ///   - memory: waiting for memory
        ///   - io: waiting for a disk
        public init(cpu: Stall? = nil, memory: Stall? = nil, io: Stall? = nil) {
            self.cpu = cpu
            self.memory = memory
            self.io = io
        }

        /// How much time is lost waiting for one resource.
        public struct Stall: Hashable, Sendable {
            /// Time in which at least one task waited.
            public var some: Share?
            /// Time in which every task that was not idle waited.
            public var full: Share?

            /// - Parameters:
            ///   - some: time in which at least one task waited
            ///   - full: time in which every task waited
            public init(some: Share? = nil, full: Share? = nil) {
                self.some = some
                self.full = full
            }
        }

        /// A share of time, in hundredths of a per cent as the kernel prints it: 385 is 3.85 %.
        public struct Share: Hashable, Sendable {
            /// Over the last 10 seconds.
            public var hundredths10: Int
            /// Over the last minute.
            public var hundredths60: Int
            /// Over the last 5 minutes.
            public var hundredths300: Int
            /// The time lost since the start, in microseconds.
            public var totalMicroseconds: Int

            /// - Parameters:
            ///   - hundredths10: over the last 10 seconds
            ///   - hundredths60: over the last minute
            ///   - hundredths300: over the last 5 minutes
            ///   - totalMicroseconds: since the start
            public init(hundredths10: Int, hundredths60: Int, hundredths300: Int, totalMicroseconds: Int) {
                self.hundredths10 = hundredths10
                self.hundredths60 = hundredths60
                self.hundredths300 = hundredths300
                self.totalMicroseconds = totalMicroseconds
            }
        }
    }
}

extension Host.Pressure {
    /// The pressure in the host's document, in per cent; empty where the kernel tells none.
    public var json: JSONValue {
        var json = HostJSON()
        json.add("cpu", cpu?.json)
        json.add("memory", memory?.json)
        json.add("io", io?.json)
        return json.value
    }
}

extension Host.Pressure.Stall {
    /// The stall in the host's document.
    var json: JSONValue {
        var json = HostJSON()
        json.add("some", some?.json)
        json.add("full", full?.json)
        return json.value
    }
}

extension Host.Pressure.Share {
    /// The share in the host's document, in per cent and microseconds.
    var json: JSONValue {
        .object([
            "avg10": .number(JSONNumber(Int64(hundredths10), decimals: 2)),
            "avg60": .number(JSONNumber(Int64(hundredths60), decimals: 2)),
            "avg300": .number(JSONNumber(Int64(hundredths300), decimals: 2)),
            "total_usec": JSONValue(totalMicroseconds),
        ])
    }
}
