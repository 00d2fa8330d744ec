// swift-tools-version: 6.2
import PackageDescription

let house: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"), .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// What a plugin is written with, and nothing else of Berth: `.package(path: "…/Plugins/Kit")`.
let package = Package(
    name: "Kit",
    products: [.library(name: "BerthPluginKit", targets: ["BerthPluginKit", "BerthJSON"])],
    targets: [
        .target(name: "BerthPluginABI"),
        .target(name: "BerthJSON", swiftSettings: house),
        .target(name: "BerthPluginKit", dependencies: ["BerthPluginABI", "BerthJSON"], swiftSettings: house),
    ]
)
