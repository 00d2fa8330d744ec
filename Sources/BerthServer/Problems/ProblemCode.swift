/// The kinds of problem: stable words that programs are written against.
enum ProblemCode: String, Hashable, Sendable, CaseIterable {
    case malformed
    case notYours = "not_yours"
    case role
    case poolDenied = "pool_denied"
    case foreign
    case unknown
    case method
    case timeout
    case insufficient
    case wouldDelay = "would_delay"
    case maintenance
    case pending
    case preempted
    case gangIncomplete = "gang_incomplete"
    case atBarrier = "at_barrier"
    case gangFull = "gang_full"
    case cap
    case quota
    case poolConfigured = "pool_configured"
    case unenforceable
    case enforcement
    case provider
    case heldElsewhere = "held_elsewhere"
    case inUse = "in_use"
    case ended
    case compacted
    case tooLarge = "too_large"
    case contentType = "content_type"
    case invalid
    case rejected
    case gangMismatch = "gang_mismatch"
    case keyReused = "key_reused"
    case noProcess = "no_process"
    case tooMany = "too_many"
    case headTooLarge = "head_too_large"
    case ledger
    case unavailable

    /// The status of the answer.
    var status: Int { facts.status }
    /// The kind in a few words for people.
    var title: String { facts.title }

    private var facts: (status: Int, title: String) {
        switch self {
        case .malformed: (400, "The request cannot be read")
        case .notYours: (403, "It belongs to another user")
        case .role: (403, "The caller's role does not allow it")
        case .poolDenied: (403, "The pool is for others")
        case .foreign: (403, "The caller cannot be known")
        case .unknown: (404, "There is no such thing")
        case .method: (405, "The path does not have this method")
        case .timeout: (408, "The request came too slowly")
        case .insufficient: (409, "It does not fit")
        case .maintenance: (409, "It would be held in a time of maintenance")
        case .wouldDelay: (409, "It would delay those who wait")
        case .pending: (409, "The reservation waits")
        case .preempted: (409, "It has to go for another")
        case .gangIncomplete: (409, "The gang is not whole")
        case .atBarrier: (409, "The reservation waits at a barrier")
        case .gangFull: (409, "The gang has all its members")
        case .cap: (409, "It would pass a cap of the caller")
        case .quota: (409, "It would pass a quota")
        case .poolConfigured: (409, "The configuration says it")
        case .unenforceable: (409, "The host cannot enforce it")
        case .enforcement: (409, "The kernel refused it")
        case .provider: (409, "A plugin could not prepare it")
        case .heldElsewhere: (409, "The process is in another reservation")
        case .inUse: (409, "It is in use")
        case .ended: (410, "The reservation has ended")
        case .compacted: (410, "The events are no longer kept")
        case .tooLarge: (413, "The body is too large")
        case .contentType: (415, "The body is not JSON")
        case .invalid: (422, "The request is not valid")
        case .rejected: (422, "A validator does not admit it")
        case .gangMismatch: (422, "It does not agree with its gang")
        case .keyReused: (422, "The idempotency key was used for another request")
        case .noProcess: (422, "There is no such process")
        case .tooMany: (429, "The caller has too many open")
        case .headTooLarge: (431, "The header is too large")
        case .ledger: (503, "The ledger cannot be written or read")
        case .unavailable: (503, "The agent cannot answer now")
        }
    }
}
