// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "license-seats",
    products: [.library(name: "license-seats", type: .dynamic, targets: ["LicenseSeats"])],
    dependencies: [.package(path: "../Kit")],
    targets: [
        .target(name: "LicenseSeats", dependencies: [.product(name: "BerthPluginKit", package: "Kit")]),
        .testTarget(name: "LicenseSeatsTests", dependencies: ["LicenseSeats"]),
    ]
)
