import BerthCore
import BerthJSON
import BerthModel
import Foundation
import Support

/// Random commands to the core, as many as are asked for, over every strategy and policy, with pools, gangs, barriers,
/// preemption, quotas, promised starts, maintenance and failing units: `random-commands [COUNT]`.
///
/// Says the seed first; on a fault, the shortest list of commands that shows it. After that each fault is planted, and must be
/// found by the property that it breaks.

/// So many commands are one run.
let length = 400
/// So many commands are enough to see any planted fault, and to come to every state.
let enough = 100_000

func printed(_ number: Int) -> String {
    let digits = String(number)
    return String(
        digits.enumerated().flatMap { index, digit in
            index > 0 && (digits.count - index) % 3 == 0 ? [",", digit] : [digit]
        })
}

/// What was wrong, with the commands that showed it.
struct Finding {
    var wrong: String
    var scenario: Scenario
    var steps: [Step]
}

func one(_ random: SeededGenerator, planting fault: Fault?, _ seen: inout [String: Int]) throws -> Finding? {
    var random = random
    let scenario = try Scenario(&random)
    var drawing = Drawing(random, scenario)
    var run = Run(scenario, planting: fault)
    var steps: [Step] = []
    func finding(_ wrong: String) -> Finding { Finding(wrong: wrong, scenario: scenario, steps: steps) }
    while steps.count < length {
        let step = drawing.next(run.state)
        steps.append(step)
        if let wrong = run.take(step) { return finding(wrong) }
        if steps.count % 50 == 0, let wrong = run.faultOfState(withReplay: false) { return finding(wrong) }
    }
    if let wrong = run.faultOfState(withReplay: true) ?? run.faultOfDraining() { return finding(wrong) }
    for part in [run.checker.seen, run.promises.seen] { seen.merge(part) { $0 + $1 } }
    return nil
}

/// Draws so many commands. Says what was wrong, as shortly as it can be shown; nil where nothing was. Of a planted fault only
/// what it breaks itself counts: what else comes of it may be seen first.
func draw(_ count: Int, planting fault: Fault? = nil) throws -> String? {
    var seeds = SeededGenerator.named("random commands")
    print("\(printed(count)) random commands, \(seeds.note)\(fault.map { ", planted: \($0.rawValue)" } ?? "")")
    let began = Date()
    var seen: [String: Int] = [:]
    var done = 0
    while done < count {
        let random = SeededGenerator(seed: seeds.next())
        if let finding = try one(random, planting: fault, &seen), fault?.isSeen(in: finding.wrong) ?? true {
            print("after \(printed(done + finding.steps.count)) commands: \(finding.wrong)")
            let shrinking = Shrinking(scenario: finding.scenario, fault: fault)
            let steps = shrinking.shortest(finding.steps)
            print("\(steps.count) commands show it: \(shrinking.wrong(steps) ?? "")")
            if fault == nil {
                print("the policy is \(finding.scenario.policy.json)")
                for pool in finding.scenario.pools { print("a pool: \(JSONValue.object(pool.json))") }
                var run = Run(finding.scenario)
                for step in steps {
                    print(step)
                    for change in run.decided(step) {
                        print("    \(Event(id: 0, at: step.now.wall, change: change).json)")
                    }
                    if run.take(step) != nil { break }
                }
            }
            return finding.wrong
        }
        done += length
    }
    let unseen = count < enough ? [] : Checker.unseen(in: seen) + Promises.unseen(in: seen)
    if !unseen.isEmpty {
        let wrong = "no run came to \(unseen.joined(separator: ", "))"
        guard fault?.isSeen(in: wrong) ?? true else { return nil }
        if fault != nil { print("after \(printed(done)) commands: \(wrong)") }
        return wrong
    }
    guard fault == nil else { return nil }
    for (what, times) in seen.sorted(by: { $0.key < $1.key }) { print("\(what): \(printed(times))") }
    print("nothing wrong in \(printed(done)) commands, \(Int(Date().timeIntervalSince(began))) s")
    return nil
}

let arguments = CommandLine.arguments.dropFirst()
guard let count = arguments.isEmpty ? 1_000_000 : arguments.first.flatMap({ Int($0) }), arguments.count < 2 else {
    print("usage: random-commands [COUNT]")
    exit(2)
}
if let wrong = try draw(count) {
    print("wrong: \(wrong)")
    exit(1)
}
for fault in Fault.allCases {
    guard try draw(enough, planting: fault) != nil else {
        print("\(fault.rawValue) was planted, and nothing was seen of what it breaks")
        exit(1)
    }
}
