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

/// The command line as one static file, for `berth run` stands before every workload and half of the start of a dynamic
/// program is linking it. `make` asks for it, together with --static-swift-stdlib; a plain `swift build` need not.
let isStatic = Context.environment["BERTH_STATIC"] != nil

let package = Package(
    name: "berth",
    products: [
        .executable(name: "berth", targets: ["berth"]),
        .executable(name: "berthd", targets: ["berthd"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // Floor 0: what Swift cannot see.
        .target(name: "CLinux"),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "CHolder"),
        .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
        .systemLibrary(name: "CLibcap", pkgConfig: "libcap", providers: [.apt(["libcap-dev"])]),
        // Floor 1.
        .target(name: "BerthJSON", path: "Plugins/Kit/Sources/BerthJSON", swiftSettings: house),
        .target(name: "BerthPluginABI", path: "Plugins/Kit/Sources/BerthPluginABI"),
        .target(
            name: "BerthPluginKit", dependencies: ["BerthJSON", "BerthPluginABI"],
            path: "Plugins/Kit/Sources/BerthPluginKit", swiftSettings: house),
        // Floor 2: the words as values.
        .target(name: "BerthModel", dependencies: ["BerthJSON"], swiftSettings: house),
        // Floor 3: decisions without I/O, and the kernel without decisions.
        .target(
            name: "BerthCore",
            dependencies: [
                "BerthJSON", "BerthModel", .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
            ],
            swiftSettings: house),
        .target(name: "BerthKernel", dependencies: ["CLinux", "BerthModel"], swiftSettings: house),
        // Floor 4: the actor and its ports, and the host behind some of them.
        .target(name: "BerthAgent", dependencies: ["BerthJSON", "BerthModel", "BerthCore"], swiftSettings: house),
        .target(
            name: "BerthHost",
            dependencies: [
                "BerthJSON", "BerthModel", "BerthCore", "BerthKernel", "BerthPluginKit", "CLinux", "CZlib",
            ],
            swiftSettings: house),
        // Floor 5.
        .target(
            name: "BerthLedger",
            dependencies: [
                "BerthJSON", "BerthModel", "BerthCore", "BerthAgent", .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: house),
        .target(
            name: "BerthServer",
            dependencies: [
                "BerthJSON", "BerthModel", "BerthCore", "BerthAgent",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: house),
        // Floor 6: the programs.
        .executableTarget(
            name: "berth",
            dependencies: [
                "BerthHost", "BerthCore", "BerthJSON", "BerthKernel", "BerthModel", "BerthPluginKit",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: house,
            linkerSettings: isStatic ? [.unsafeFlags(["-static-executable"])] : []),
        .executableTarget(
            name: "berthd",
            dependencies: [
                "BerthHost", "BerthAgent", "BerthLedger", "BerthServer", "BerthCore", "BerthJSON", "BerthKernel",
                "BerthModel", "BerthPluginKit", "CHolder", "CLibcap", "CLinux", "CSystemd",
                .product(name: "Yams", package: "Yams"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: house),
        // Tests.
        .target(name: "Support", path: "Tests/Support", swiftSettings: house),
        .executableTarget(
            name: "random-commands", dependencies: ["BerthCore", "BerthJSON", "BerthModel", "Support"],
            path: "Tests/Random", swiftSettings: house),
        .executableTarget(
            name: "time-decisions", dependencies: ["BerthCore", "BerthModel"], path: "Tests/Decisions",
            swiftSettings: house),
        .testTarget(name: "BerthJSONTests", dependencies: ["BerthJSON", "Support"], swiftSettings: house),
        .testTarget(name: "BerthPluginKitTests", dependencies: ["BerthPluginKit", "BerthJSON"], swiftSettings: house),
        .testTarget(
            name: "BerthModelTests", dependencies: ["BerthJSON", "BerthModel", "Support"], swiftSettings: house),
        .testTarget(
            name: "BerthCoreTests", dependencies: ["BerthCore", "BerthJSON", "BerthModel", "Support"],
            swiftSettings: house),
        .testTarget(
            name: "BerthKernelTests", dependencies: ["BerthKernel", "BerthModel", "Support"], swiftSettings: house),
        .testTarget(
            name: "BerthHostTests",
            dependencies: ["BerthHost", "BerthJSON", "BerthKernel", "BerthModel", "BerthCore", "Support"],
            swiftSettings: house),
        .testTarget(
            name: "BerthAgentTests", dependencies: ["BerthAgent", "BerthCore", "BerthJSON", "BerthModel", "Support"],
            swiftSettings: house),
        .testTarget(
            name: "BerthLedgerTests",
            dependencies: ["BerthLedger", "BerthAgent", "BerthCore", "BerthJSON", "BerthModel", "Support"],
            swiftSettings: house),
        .testTarget(
            name: "BerthServerTests",
            dependencies: [
                "BerthServer", "BerthAgent", "BerthCore", "BerthJSON", "BerthKernel", "BerthModel", "Support",
            ],
            swiftSettings: house),
        .testTarget(
            name: "berthTests",
            dependencies: ["berth", "BerthHost", "BerthJSON", "BerthKernel", "BerthModel", "Support"],
            swiftSettings: house),
        .testTarget(
            name: "berthdTests",
            dependencies: [
                "berthd", "BerthHost", "BerthKernel", "BerthModel", "CHolder", "Support",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: house),
        .testTarget(name: "HouseTests", swiftSettings: house),
    ]
)
