package import BerthCore
package import BerthJSON
package import BerthModel

/// Who has the resource types that plugins provide. None of it holds up anything but the reservation that it is about.
package protocol Providers: Sendable {
    /// Has the plugin of a type prepare what a reservation was granted of it. The same again changes nothing.
    /// - Parameter bounds: what it may narrow; an answer that passes them is none
    /// - Returns: what its programs get
    func allocate(
        _ hold: Hold, of reservation: Reservation, within bounds: NarrowingBounds
    ) async throws(ProviderFailure) -> Provision
    /// Gives back what the plugin of a type had prepared, and tells it so where it is there to hear it.
    func release(_ type: ResourceType, of reservation: Reservation) async
    /// What the plugin of a type finds wrong with what a request says of it, its pointers from the root of the request;
    /// nothing where the plugin is down, for then nothing is granted either.
    func check(_ ask: Ask) async throws(ProviderFailure) -> [Violation]
    /// What a reservation uses of a type, in words of the plugin's own; nil where it does not say.
    func usage(of type: ResourceType, by reservation: ReservationID) async -> JSONObject?
}

/// Why a plugin did not do what was asked.
package struct ProviderFailure: Error, Hashable, Sendable {
    /// Why, as a sentence.
    package var reason: String
    /// What the person can do.
    package var hint: String?

    package init(_ reason: String, hint: String? = nil) {
        self.reason = reason
        self.hint = hint
    }
}

/// A host without plugins.
package struct NoProviders: Providers {
    package init() {}

    package func allocate(
        _ hold: Hold, of reservation: Reservation, within bounds: NarrowingBounds
    ) async throws(ProviderFailure) -> Provision {
        throw ProviderFailure("no plugin provides \(hold.type)")
    }

    package func release(_ type: ResourceType, of reservation: Reservation) async {}

    package func check(_ ask: Ask) async throws(ProviderFailure) -> [Violation] { [] }

    package func usage(of type: ResourceType, by reservation: ReservationID) async -> JSONObject? { nil }
}
