import BerthCore
import BerthJSON
import BerthModel
import Testing

@Suite("Alternatives") struct AlternativesTests {
    private static func request(_ choices: [Ask]...) -> ReservationRequest {
        var request = ReservationRequest(resources: Resources(choices[0]), lease: .seconds(60))
        request.alternatives = choices.dropFirst().map { Resources($0) }
        return request
    }

    private static func gpus(_ count: Int64) -> Ask { Ask(.gpu, amount: Quantity(1000 * count)) }
    private static func cpus(_ count: Int64) -> Ask { Ask(.cpu, amount: Quantity(1000 * count)) }

    @Test(
        "the first that fits is granted, and the answer says which",
        arguments: [
            // How much of the host others hold; which choice it is.
            ([], nil), ([gpus(1)], 0), ([gpus(2)], 1), ([gpus(2), cpus(7)], 2),
        ] as [([Ask], Int?)])
    func order(others: [Ask], alternative: Int?) throws {
        var state = TestHost.state(try TestHost.capacity())
        if !others.isEmpty { state.reserve(1, others) }
        let request = Self.request([Self.gpus(2)], [Self.gpus(1)], [Self.cpus(4)], [Self.cpus(1)])
        let decision = state.run(.reserve(id(2), request, user, nil))
        let reservation = try #require(state.reservations[id(2)])
        #expect(reservation.alternative == alternative)
        #expect(decision.passed.count == alternative.map { $0 + 1 } ?? 0)
        #expect(reservation.grant.resources == request.choices[alternative.map { $0 + 1 } ?? 0])
        #expect(reservation.state == .confirmed)
    }

    @Test("where none fits, each says what is short")
    func none() throws {
        var state = TestHost.state(try TestHost.capacity())
        state.reserve(1, [Self.gpus(2), Self.cpus(7)])
        let request = Self.request([Self.gpus(1)], [Self.cpus(4)], [Self.gpus(3)])
        guard case .noneFits(let refusals) = state.run(.reserve(id(2), request, user, nil)).answer.refusal else {
            Issue.record("it is not refused as one that has alternatives")
            return
        }
        #expect(refusals.map(\.shortTypes) == [[.gpu], [.cpu], [.gpu]])
        #expect(refusals.map(\.isInsufficient) == [true, true, true])
        #expect(state.reservations[id(2)] == nil)
    }

    @Test("less of one is granted before all of the next")
    func least() throws {
        var state = TestHost.state(try TestHost.capacity())
        state.reserve(1, [Self.gpus(1)])
        let some = Ask(.gpu, amount: Quantity(2000), minimum: Quantity(1000))
        let decision = state.run(.reserve(id(2), Self.request([some], [Self.cpus(1)]), user, nil))
        #expect(state.reservations[id(2)]?.state == .partial)
        #expect(state.reservations[id(2)]?.alternative == nil)
        #expect(decision.short?.shortTypes == [.gpu])
        #expect(decision.isShort)
    }

    @Test("one that makes no sense here is passed over, and told of in its place where none fits")
    func senseless() throws {
        var state = TestHost.state(try TestHost.capacity())
        let seat = try #require(ResourceType(provided: "a.b/seat"))
        let unknown = Ask(seat, amount: Quantity(1))
        #expect(state.run(.reserve(id(1), Self.request([unknown], [Self.cpus(1)]), user, nil)).answer == .done(id(1)))
        #expect(state.reservations[id(1)]?.alternative == 0)
        let none = Self.request([Self.cpus(9)], [unknown])
        guard case .noneFits(let refusals) = state.run(.reserve(id(2), none, user, nil)).answer.refusal,
            case .invalid(let violations)? = refusals.last
        else {
            Issue.record("it is not refused as one that has alternatives")
            return
        }
        #expect(violations.map(\.pointer) == ["/alternatives/0/a.b~1seat"])
    }

    @Test("a cap is a reason to look at the next")
    func cap() throws {
        var state = TestHost.state(try TestHost.capacity())
        let capped = Caller(user: 1, isAdmin: false, caps: Caps(quantities: [.gpu: .zero]))
        state.run(.reserve(id(1), Self.request([Self.gpus(1)], [Self.cpus(2)]), capped, nil))
        #expect(state.reservations[id(1)]?.alternative == 0)
    }
}
