// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "scratch-space",
    products: [.library(name: "scratch-space", type: .dynamic, targets: ["ScratchSpace"])],
    dependencies: [.package(path: "../Kit")],
    targets: [
        .target(name: "ScratchSpace", dependencies: [.product(name: "BerthPluginKit", package: "Kit")]),
        .testTarget(name: "ScratchSpaceTests", dependencies: ["ScratchSpace"]),
    ]
)
