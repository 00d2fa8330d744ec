import BerthCore
import BerthModel

/// Makes a list of commands that shows a fault as short as can be (Zeller and Hildebrandt, "Simplifying and Isolating
/// Failure-Inducing Input", IEEE TSE 2002): parts are left out as long as a fault is still there.
struct Shrinking {
    let scenario: Scenario
    let fault: Fault?

    /// What is wrong after these commands; nil where nothing is.
    func wrong(_ steps: [Step]) -> String? {
        var run = Run(scenario, planting: fault)
        for step in steps {
            if let wrong = run.take(step) { return wrong }
        }
        return run.faultOfState(withReplay: true) ?? run.faultOfDraining()
    }

    func shortest(_ steps: [Step]) -> [Step] {
        var steps = steps
        var parts = 2
        while steps.count > 1 {
            let size = max(1, (steps.count + parts - 1) / parts)
            var isShorter = false
            for start in stride(from: 0, to: steps.count, by: size) {
                let rest = Array(steps[..<start] + steps[min(start + size, steps.count)...])
                guard wrong(rest) != nil else { continue }
                (steps, isShorter) = (rest, true)
                break
            }
            if isShorter {
                parts = max(2, parts - 1)
            } else if size == 1 {
                break
            } else {
                parts = min(steps.count, parts * 2)
            }
        }
        return steps
    }
}
