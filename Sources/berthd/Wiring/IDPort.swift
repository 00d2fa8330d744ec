internal import BerthAgent
internal import BerthModel

/// Ids from the system's random generator.
struct IDPort: IDSource {
    func next() -> ReservationID { ReservationID(bits: .random(in: .min ... .max)) }
}
