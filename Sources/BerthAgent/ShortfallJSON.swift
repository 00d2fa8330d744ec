package import BerthCore
package import BerthJSON
internal import BerthModel

extension Shortfall {
    /// How far the type is short, as problems and those who wait are shown it.
    package var json: JSONValue {
        var object: JSONObject = ["type": .string(type.name)]
        object["device"] = disk.map { .string($0.disk) }
        object["rate"] = disk?.rate.map { .string($0) }
        object["asked"] = measure.json(asked)
        object["minimum"] = minimum.map(measure.json)
        object["free"] = measure.json(free)
        object["capacity"] = measure.json(capacity)
        object["pool"] = pool.map { .string($0.text) }
        if isOfOneNode { object["same"] = .string(Same.numa.rawValue) }
        if minimum ?? asked > capacity { object["ever"] = false }
        return .object(object)
    }
}
