// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "nvidia-gpu",
    products: [.library(name: "nvidia-gpu", type: .dynamic, targets: ["NVIDIAGPU"])],
    dependencies: [.package(path: "../Kit")],
    targets: [
        .target(name: "NVIDIAGPU", dependencies: [.product(name: "BerthPluginKit", package: "Kit")]),
        .testTarget(name: "NVIDIAGPUTests", dependencies: ["NVIDIAGPU"]),
    ]
)
