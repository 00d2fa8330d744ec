// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "site-policy",
    products: [.library(name: "site-policy", type: .dynamic, targets: ["SitePolicy"])],
    dependencies: [.package(path: "../Kit")],
    targets: [
        .target(name: "SitePolicy", dependencies: [.product(name: "BerthPluginKit", package: "Kit")]),
        .testTarget(name: "SitePolicyTests", dependencies: ["SitePolicy"]),
    ]
)
