internal import BerthJSON
internal import BerthModel

extension JSONReader where Value == [Shape] {
    /// What is commonly asked for, the commonest first. What wants no place of its own says nothing, and is left out.
    static var shapes: JSONReader {
        let expected = "a list of at most \(Shape.most) shapes"
        return JSONReader(expecting: expected) { value throws(JSONFieldError) in
            let shapes = try JSONReader<[Shape]>.array(of: .configured).read(value)
            guard shapes.count <= Shape.most else {
                throw .invalid("must be at most \(Shape.most) shapes, not \(shapes.count)", expected: expected)
            }
            return shapes.filter { !$0.isEmpty }
        }
    }
}

extension JSONReader where Value == Shape {
    /// Resources as a request has them, and how common they are.
    fileprivate static var configured: JSONReader {
        .fields { fields throws(JSONFieldError) in
            let count = try fields.optional("count", .int64) ?? 1
            guard 1...1_000_000 ~= count else { throw fields.invalid("count", "must be from 1 to 1000000") }
            return Shape(try fields.required("resources", ResourceChange.reader).resolved(), weight: count)
        }
    }
}
