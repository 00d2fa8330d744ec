internal import BerthJSON
internal import BerthModel

extension JSONObject {
    /// What makes no sense of this as a request; nil where it is one. A resize is told with the reservation that it is of.
    var faultAsRequest: JSONFieldError? {
        var request = self
        request["reservation"] = nil
        do throws(JSONFieldError) {
            _ = try ReservationRequest.reader.read(.object(request))
            return nil
        } catch {
            return error
        }
    }
}
