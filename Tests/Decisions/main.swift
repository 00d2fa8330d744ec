import BerthCore
import BerthModel
import Foundation

/// What a decision costs in process, without socket and disk: `time-decisions [EFFORT]`.
///
/// Asks for two exclusive CPUs and a GPU, or a part of one, by each strategy, on hosts with so many GPUs on which so many
/// reservations are live. Prints a line of JSON for each: microseconds of the median and of the one in a hundred, and of going
/// over all units once to see which are free, which no choice among them can do without.

let units = [8, 128, 1024, 16_384]
let live = [10, 1000, 100_000]
let strategies: [Strategy] = [.greedy, .balanced, .optimized, .priority]

/// Seconds for each line, and how often it decides in them at the least and at the most.
let budget = 0.4
let times = 20...20_000

func microseconds(_ work: () throws -> Void) rethrows -> Double {
    let clock = ContinuousClock()
    let took = try clock.measure(work)
    return Double(took.components.seconds) * 1e6 + Double(took.components.attoseconds) / 1e12
}

func sampled(_ effort: Double, _ work: () throws -> Void) rethrows -> (median: Double, p99: Double) {
    // Whatever is made once is made before.
    try work()
    var taken: [Double] = []
    var spent = 0.0
    while taken.count < times.upperBound, taken.count < times.lowerBound || spent < budget * effort * 1e6 {
        let one = try microseconds(work)
        taken.append(one)
        spent += one
    }
    taken.sort()
    return (taken[taken.count / 2], taken[min(taken.count - 1, taken.count * 99 / 100)])
}

let arguments = CommandLine.arguments.dropFirst()
guard let effort = arguments.isEmpty ? 1 : arguments.first.flatMap({ Double($0) }), arguments.count < 2, effort > 0
else {
    print("usage: time-decisions [EFFORT]")
    exit(2)
}
for units in units {
    for live in live {
        let host = try FilledHost(units: units, live: live)
        let scan = sampled(effort) { host.countFree() }
        for asks in [1000, 300] as [Int64] {
            for strategy in strategies {
                let cost = try sampled(effort) { try host.decide(asks, strategy) }
                print(
                    #"{"strategy":"\#(strategy.rawValue)","gpu_millis":\#(asks),"units":\#(units),"live":\#(live),"#
                        + #""p50_us":\#(cost.median),"p99_us":\#(cost.p99),"scan_us":\#(scan.median)}"#)
            }
        }
    }
}
