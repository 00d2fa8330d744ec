// swift-tools-version: 6.2
import PackageDescription

/// Every target of the house is built under the same rules.
let house: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "berth",
    dependencies: [
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        // Floor 0: what Swift cannot see.
        .target(name: "CLinux"),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        // Floor 1.
        .target(name: "BerthJSON", swiftSettings: house),
        // Floor 2: the words as values.
        .target(name: "BerthModel", dependencies: ["BerthJSON"], swiftSettings: house),
        // Floor 3: decisions without I/O, and the kernel without decisions.
        .target(
            name: "BerthCore",
            dependencies: ["BerthJSON", "BerthModel", .product(name: "HeapModule", package: "swift-collections")],
            swiftSettings: house),
        .target(name: "BerthKernel", dependencies: ["CLinux", "BerthModel"], swiftSettings: house),
        // Floor 4: the actor and its ports, and the host behind some of them.
        .target(name: "BerthAgent", dependencies: ["BerthJSON", "BerthModel", "BerthCore"], swiftSettings: house),
        .target(
            name: "BerthHost",
            dependencies: ["BerthJSON", "BerthModel", "BerthCore", "BerthKernel", "CLinux", "CZlib"],
            swiftSettings: house),
        // Floor 5.
        .target(
            name: "BerthLedger",
            dependencies: [
                "BerthJSON", "BerthModel", "BerthCore", "BerthAgent", .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: house),
        // Tests.
        .target(name: "Support", path: "Tests/Support", swiftSettings: house),
        .testTarget(name: "BerthJSONTests", dependencies: ["BerthJSON", "Support"], swiftSettings: house),
        .testTarget(name: "BerthModelTests", dependencies: ["BerthJSON", "BerthModel", "Support"], swiftSettings: house),
        .testTarget(name: "BerthCoreTests", dependencies: ["BerthCore", "BerthJSON", "BerthModel", "Support"], swiftSettings: house),
        .testTarget(name: "BerthKernelTests", dependencies: ["BerthKernel", "BerthModel", "Support"], swiftSettings: house),
        .testTarget(name: "BerthHostTests", dependencies: ["BerthHost", "BerthJSON", "BerthKernel", "BerthModel", "BerthCore", "Support"], swiftSettings: house),
        .testTarget(name: "BerthAgentTests", dependencies: ["BerthAgent", "BerthCore", "BerthJSON", "BerthModel", "Support"], swiftSettings: house),
        .testTarget(name: "BerthLedgerTests", dependencies: ["BerthLedger", "BerthAgent", "BerthCore", "BerthJSON", "BerthModel", "Support"], swiftSettings: house),
        .testTarget(name: "HouseTests", swiftSettings: house),
    ]
)
