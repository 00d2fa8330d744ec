internal import BerthJSON

/// What one request wants that lies somewhere: what of it can be broken up for want of a place.
///
/// CPU time and memory that are bound to no node can be had wherever they are, so they are no part of it.
public struct Shape: Hashable, Sendable {
    /// Exclusive CPUs.
    public var cpus: Int64
    /// Memory of one NUMA node, in bytes.
    public var memory: Int64
    /// GPUs, in thousandths; below 1000 a share of one.
    public var gpu: Int64
    /// How common it is, against the others.
    public var weight: Int64

    /// - Parameters:
    ///   - cpus: exclusive CPUs
    ///   - memory: memory of one node, in bytes
    ///   - gpu: GPUs, in thousandths
    ///   - weight: how common it is
    public init(cpus: Int64 = 0, memory: Int64 = 0, gpu: Int64 = 0, weight: Int64 = 1) {
        self.cpus = cpus
        self.memory = memory
        self.gpu = gpu
        self.weight = weight
    }

    /// How much it wants of one GPU, in thousandths.
    public var gpuPart: Int64 { min(gpu, 1000) }

    /// How many GPUs it wants to have something of.
    public var gpuCount: Int { gpu == 0 ? 0 : Int(max(gpu / 1000, 1)) }

    /// Whether it wants nothing that lies somewhere.
    public var isEmpty: Bool { cpus == 0 && memory == 0 && gpu == 0 }

    /// So many shapes are looked at.
    public static let most = 10

    /// What is thought to be common until a host says or learns otherwise: GPUs and shares of them as the tasks of a
    /// production cluster asked for them (the openb trace of USENIX ATC 2023).
    public static let standard: [Shape] = [
        Shape(gpu: 1000, weight: 1941), Shape(gpu: 810, weight: 527), Shape(gpu: 470, weight: 259),
        Shape(gpu: 320, weight: 188), Shape(gpu: 230, weight: 106), Shape(gpu: 460, weight: 88),
        Shape(gpu: 550, weight: 72), Shape(gpu: 650, weight: 63), Shape(gpu: 370, weight: 47),
        Shape(gpu: 220, weight: 40),
    ]
}

extension Shape {
    /// The shape of what is asked.
    public init(_ resources: Resources, weight: Int64 = 1) {
        self.init(weight: weight)
        for ask in resources.asks {
            switch ask.type {
            case .cpu where ask.exclusive: cpus = (ask.amount.units + 999) / 1000
            case .memory where ask.constraints["numa"] != nil: memory = ask.amount.units
            case .gpu: gpu = ask.amount.units
            default: break
            }
        }
    }

    /// The shape of what was granted.
    public init(_ grant: Grant) {
        self.init()
        for hold in grant.holds {
            switch hold.type {
            case .cpu: cpus = Int64(hold.cpus?.count ?? 0)
            case .memory where hold.nodes != nil: memory = hold.amount.units
            case .gpu: gpu = hold.amount.units
            default: break
            }
        }
    }

    /// As the log keeps it.
    var json: JSONValue {
        ["cpus": JSONValue(cpus), "memory": JSONValue(memory), "gpu": JSONValue(gpu), "weight": JSONValue(weight)]
    }

    /// Reads what ``json`` prints.
    static var reader: JSONReader<Shape> {
        .fields { fields throws(JSONFieldError) in
            Shape(
                cpus: try fields.required("cpus", .int64), memory: try fields.required("memory", .int64),
                gpu: try fields.required("gpu", .int64), weight: try fields.required("weight", .int64))
        }
    }
}

extension Shape: Comparable {
    /// So that equally common ones always stand in the same order.
    public static func < (one: Shape, other: Shape) -> Bool {
        (one.gpu, one.cpus, one.memory, one.weight) < (other.gpu, other.cpus, other.memory, other.weight)
    }
}
