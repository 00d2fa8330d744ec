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
    targets: [
        // Floor 1.
        .target(name: "BerthJSON", swiftSettings: house),
        // Tests.
        .target(name: "Support", path: "Tests/Support", swiftSettings: house),
        .testTarget(name: "BerthJSONTests", dependencies: ["BerthJSON", "Support"], swiftSettings: house),
    ]
)
