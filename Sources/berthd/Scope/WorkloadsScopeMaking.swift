internal import BerthHost
internal import BerthKernel
internal import CHolder
internal import Glibc
internal import Logging

extension WorkloadsScope {
    /// The scope once it is neither coming nor going; nil where there is none.
    func settled(_ units: ServiceUnits) throws(ScopeError) -> ServiceUnits.Scope? {
        try waiting(for: "\(WorkloadsScope.scope) to come or to go") { () throws(ScopeError) in
            let found = try units.scope(WorkloadsScope.scope)
            switch found?.state {
            case nil, "inactive": return .some(nil)
            case "active", "failed": return .some(found)
            default: return nil
            }
        }
    }

    /// Makes a scope around a new holder and moves that into its leaf.
    func make(_ units: ServiceUnits) throws(ScopeError) -> HolderLeaf {
        let holder = try startHolder()
        do throws(ScopeError) {
            try units.startScope(
                WorkloadsScope.scope, UnitProperty.workloads(holder: holder, slice: WorkloadsScope.slice))
            let group = try waiting(for: "\(WorkloadsScope.scope) to start") { () throws(ScopeError) -> String? in
                guard let scope = try units.scope(WorkloadsScope.scope), scope.state != "failed" else {
                    throw ScopeError(
                        "start \(WorkloadsScope.scope): it ended at once; "
                            + "`journalctl UNIT=\(WorkloadsScope.scope)` says why")
                }
                return scope.state == "active" && !scope.controlGroup.isEmpty ? scope.controlGroup : nil
            }
            let leaf = HolderLeaf(controlGroup: group)
            do throws(KernelError) {
                try leaf.make()
                try leaf.takeIn()
            } catch {
                throw ScopeError(error)
            }
            return leaf
        } catch {
            // It would else stay in the agent's own cgroup.
            kill(holder, SIGTERM)
            throw error
        }
    }

    /// Sees to it that a scope that is there has a holder in its leaf.
    func adopt(_ leaf: HolderLeaf, _ units: ServiceUnits) throws(ScopeError) {
        do throws(KernelError) {
            try leaf.make()
            // An agent that ended half way through has left its holder where systemd had put it.
            try leaf.takeIn()
            guard try leaf.holders().isEmpty else { return }
        } catch {
            throw ScopeError(error)
        }
        let holder = try startHolder()
        do throws(ScopeError) {
            try units.attach(holder, to: WorkloadsScope.scope, group: "/\(HolderLeaf.name)")
            logger.notice("the workloads' scope had no holder; it has one again")
        } catch {
            kill(holder, SIGTERM)
            throw error
        }
    }

    private func startHolder() throws(ScopeError) -> Int32 {
        let holder = berth_holder_start()
        guard holder > 0 else { throw ScopeError(KernelError("start", "the holder of the scope", code: errno)) }
        return holder
    }

    /// Asks again and again, every 10 ms, until there is an answer.
    private func waiting<Answer>(
        for what: String, _ ask: () throws(ScopeError) -> Answer?
    ) throws(ScopeError) -> Answer {
        let end = ContinuousClock.now + WorkloadsScope.patience
        while true {
            if let answer = try ask() { return answer }
            guard ContinuousClock.now < end else {
                throw ScopeError("wait for \(what): not within \(WorkloadsScope.patience.components.seconds) s")
            }
            usleep(10_000)
        }
    }
}
